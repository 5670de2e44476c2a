import { Button } from '@mantine/core';
import { IconPlugConnected, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { channelsQuery, useInboxes } from '@/api/reference';
import type { Channel } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { ChannelIcon, EmptyState, Page } from '@/ui';
import { Badge, Loaded, RowText, useDates } from '../kit';
import css from '../kit/kit.module.css';
import { stateTone } from './Health';

export function ChannelsPage() {
  const { t } = useTranslation(['settings', 'channels', 'reasons']);
  const channels = useQuery(channelsQuery);
  const add = (
    <Button
      leftSection={<IconPlus size={15} />}
      renderRoot={(props) => (
        <Link to="/settings/$section/$id" params={{ section: 'channels', id: 'new' }} {...props} />
      )}
    >
      {t('channels.add')}
    </Button>
  );
  return (
    <Page title={t('channels.title')} lead={t('channels.lead')} actions={add}>
      <Loaded query={channels}>
        {(items) =>
          items.length === 0 ? (
            <div className={css.list}>
              <EmptyState
                icon={IconPlugConnected}
                title={t('channels.empty')}
                text={t('channels.empty_text')}
              >
                {add}
              </EmptyState>
            </div>
          ) : (
            <ul className={css.list} aria-label={t('channels.list')}>
              {items.map((channel) => (
                <li key={channel.id} className={css.item}>
                  <ChannelRow channel={channel} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Page>
  );
}

function ChannelRow({ channel }: { channel: Channel }) {
  const { t } = useTranslation(['settings', 'channels', 'reasons']);
  const inboxes = useInboxes();
  const dates = useDates();
  const { health } = channel;
  const trouble = (health.state === 'failing' || health.state === 'degraded') && health.reason;
  const facts = trouble
    ? [t(`reasons:${health.reason}`)]
    : [
        health.account,
        inboxes.byId.get(channel.inbox_id)?.name,
        health.last_inbound_at
          ? t('channels.last_inbound', { when: dates.ago(health.last_inbound_at) })
          : t('channels.no_inbound'),
      ];
  return (
    <Link to="/settings/$section/$id" params={{ section: 'channels', id: channel.id }} className={css.row}>
      <ChannelIcon kind={channel.kind} size={32} />
      <RowText title={channel.name} sub={facts.filter(Boolean).join(' · ')} />
      <Badge tone={stateTone[health.state]}>{t(`channels:state.${health.state}`)}</Badge>
    </Link>
  );
}
