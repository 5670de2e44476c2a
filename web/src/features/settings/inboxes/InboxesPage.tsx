import { Button } from '@mantine/core';
import { IconInbox, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { inboxesQuery, useTeams } from '@/api/reference';
import type { Inbox } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { EmptyState, Page } from '@/ui';
import { Badge, Dot, Loaded, RowText } from '../kit';
import css from '../kit/kit.module.css';

export function InboxesPage() {
  const { t } = useTranslation('settings');
  const inboxes = useQuery(inboxesQuery);
  const add = (
    <Button
      leftSection={<IconPlus size={15} />}
      renderRoot={(props) => (
        <Link to="/settings/$section/$id" params={{ section: 'inboxes', id: 'new' }} {...props} />
      )}
    >
      {t('inboxes.add')}
    </Button>
  );
  return (
    <Page title={t('inboxes.title')} lead={t('inboxes.lead')} actions={add}>
      <Loaded query={inboxes}>
        {(items) =>
          items.length === 0 ? (
            <div className={css.list}>
              <EmptyState icon={IconInbox} title={t('inboxes.empty')} text={t('inboxes.empty_text')}>
                {add}
              </EmptyState>
            </div>
          ) : (
            <ul className={css.list} aria-label={t('inboxes.list')}>
              {items.map((inbox) => (
                <li key={inbox.id} className={css.item}>
                  <InboxRow inbox={inbox} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Page>
  );
}

function InboxRow({ inbox }: { inbox: Inbox }) {
  const { t } = useTranslation('settings');
  const teams = useTeams();
  const names = inbox.team_ids.flatMap((id) => teams.byId.get(id)?.name ?? []);
  const facts = [
    t('inboxes.channels', { count: inbox.channels }),
    t('inboxes.conversations', { count: inbox.open }),
    names.length > 0 ? names.join(', ') : t('inboxes.everybody'),
  ];
  return (
    <Link to="/settings/$section/$id" params={{ section: 'inboxes', id: inbox.id }} className={css.row}>
      <Dot color={inbox.color} />
      <RowText title={inbox.name} sub={facts.join(' · ')} />
      <Badge tone={inbox.open_now ? 'ok' : 'plain'}>
        {inbox.open_now ? t('inboxes.open_now') : t('inboxes.closed_now')}
      </Badge>
    </Link>
  );
}
