import { Button } from '@mantine/core';
import { IconTableImport, IconUserPlus, IconUsers } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useMe, usersQuery, useTeams } from '@/api/reference';
import type { User } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { Avatar, EmptyState, Page } from '@/ui';
import { Badge, EditableList, Loaded, newId, type Open, RowText, useDates } from '../kit';
import { rolesQuery } from '../queries';
import { roleName } from '../roles/names';
import { ImportPanel } from './ImportPanel';
import { InviteForm } from './InviteForm';
import { PersonForm } from './PersonForm';

export function PeoplePage() {
  const { t } = useTranslation('settings');
  const users = useQuery(usersQuery);
  const [open, setOpen] = useState<Open>(null);
  const [importing, setImporting] = useState(false);
  return (
    <Page
      title={t('people.title')}
      lead={t('people.lead')}
      actions={
        <>
          <Button
            variant="default"
            leftSection={<IconTableImport size={15} />}
            aria-expanded={importing}
            onClick={() => setImporting(!importing)}
          >
            {t('people.import')}
          </Button>
          <Button leftSection={<IconUserPlus size={15} />} onClick={() => setOpen(newId)}>
            {t('people.invite')}
          </Button>
        </>
      }
    >
      {importing && <ImportPanel onClose={() => setImporting(false)} />}
      <Loaded query={users}>{(all) => <Lists all={all} open={open} onOpen={setOpen} />}</Loaded>
    </Page>
  );
}

function Lists({ all, open, onOpen }: { all: User[]; open: Open; onOpen: (id: Open) => void }) {
  const { t } = useTranslation('settings');
  const active = all.filter((u) => !u.disabled);
  const disabled = all.filter((u) => u.disabled);
  const editor = (user: User | undefined, close: () => void) =>
    user ? <PersonForm user={user} onClose={close} /> : <InviteForm onClose={close} />;
  return (
    <>
      <EditableList
        label={t('people.list')}
        items={active}
        idOf={(u) => u.id}
        open={open}
        onOpen={onOpen}
        row={(user) => <PersonRow user={user} />}
        editor={editor}
      />
      {active.length === 1 && open !== newId && (
        <EmptyState icon={IconUsers} title={t('people.empty')} text={t('people.empty_text')}>
          <Button variant="light" onClick={() => onOpen(newId)}>
            {t('people.invite')}
          </Button>
        </EmptyState>
      )}
      {disabled.length > 0 && (
        <>
          <h2 style={{ fontSize: 13, fontWeight: 600, color: 'var(--dim)', margin: '24px 0 8px' }}>
            {t('people.disabled_count', { count: disabled.length })}
          </h2>
          <EditableList
            label={t('people.disabled_list')}
            items={disabled}
            idOf={(u) => u.id}
            open={open === newId ? null : open}
            onOpen={onOpen}
            row={(user) => <PersonRow user={user} />}
            editor={editor}
          />
        </>
      )}
    </>
  );
}

function PersonRow({ user }: { user: User }) {
  const { t } = useTranslation('settings');
  const me = useMe();
  const teams = useTeams();
  const roles = useQuery(rolesQuery);
  const dates = useDates();
  const role = roles.data?.find((r) => r.id === user.role_id);
  const names = user.team_ids.flatMap((id) => teams.byId.get(id)?.name ?? []);
  const seen =
    user.last_seen_at && user.presence === 'offline'
      ? t('people.last_seen', { when: dates.ago(user.last_seen_at) })
      : '';
  const facts = [user.email, names.length > 0 ? names.join(', ') : t('people.no_teams'), seen].filter(
    Boolean,
  );
  return (
    <>
      <Avatar
        name={user.name}
        id={user.id}
        src={user.avatar_url}
        size={34}
        presence={user.disabled ? undefined : user.presence}
      />
      <RowText
        title={
          <>
            {user.name}
            {user.id === me.user.id && <Badge tone="accent">{t('people.you')}</Badge>}
            {user.invited && <Badge tone="warn">{t('people.invited')}</Badge>}
            {user.disabled && <Badge>{t('people.disabled')}</Badge>}
          </>
        }
        sub={facts.join(' · ')}
      />
      <Badge>{role ? roleName(t, role) : user.role_name}</Badge>
    </>
  );
}
