import { Button, MultiSelect, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus, IconUsersGroup } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { keys } from '@/api/keys';
import { teamsQuery, useUsers } from '@/api/reference';
import type { Team } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { Avatar, EmptyState, Page } from '@/ui';
import { EditableList, EditorForm, Loaded, newId, type Open, RowText, useSave } from '../kit';

export function TeamsPage() {
  const { t } = useTranslation('settings');
  const teams = useQuery(teamsQuery);
  const users = useUsers();
  const [open, setOpen] = useState<Open>(null);
  const add = (
    <Button leftSection={<IconPlus size={15} />} onClick={() => setOpen(newId)}>
      {t('teams.add')}
    </Button>
  );
  return (
    <Page title={t('teams.title')} lead={t('teams.lead')} actions={add}>
      <Loaded query={teams}>
        {(items) => (
          <EditableList
            label={t('teams.list')}
            items={items}
            idOf={(team) => team.id}
            open={open}
            onOpen={setOpen}
            empty={
              <EmptyState icon={IconUsersGroup} title={t('teams.empty')} text={t('teams.empty_text')}>
                {add}
              </EmptyState>
            }
            row={(team) => {
              const members = team.user_ids.flatMap((id) => users.byId.get(id) ?? []);
              return (
                <>
                  <RowText
                    title={team.name}
                    sub={members.length > 0 ? t('teams.count', { count: members.length }) : t('teams.nobody')}
                  />
                  <span style={{ display: 'flex', gap: 4 }} aria-hidden>
                    {members.slice(0, 6).map((user) => (
                      <Avatar key={user.id} name={user.name} id={user.id} src={user.avatar_url} size={22} />
                    ))}
                  </span>
                </>
              );
            }}
            editor={(team, close) => <TeamForm team={team} onClose={close} />}
          />
        )}
      </Loaded>
    </Page>
  );
}

function TeamForm({ team, onClose }: { team?: Team; onClose: () => void }) {
  const { t } = useTranslation('settings');
  const users = useUsers();
  const form = useForm({
    initialValues: { name: team?.name ?? '', user_ids: team?.user_ids ?? [] },
    validate: { name: (v) => (v.trim() ? null : t('teams.need_name')) },
  });
  const stale = [keys.teams, keys.users, keys.inboxes];
  const save = useSave({
    form,
    stale,
    save: (values: typeof form.values) => {
      const body = { ...values, name: values.name.trim() };
      return team ? api.patch<Team>(`/teams/${team.id}`, body) : api.post<Team>('/teams', body);
    },
    done: onClose,
  });
  const remove = useSave({ stale, save: () => api.delete(`/teams/${team?.id}`), done: onClose });
  return (
    <EditorForm
      onSubmit={form.onSubmit((values) => save.run(values))}
      onCancel={onClose}
      onDelete={team ? () => remove.run() : undefined}
      busy={save.busy || remove.busy}
      problem={save.problem ?? remove.problem}
    >
      <TextInput
        label={t('teams.name')}
        placeholder={t('teams.name_placeholder')}
        required
        {...form.getInputProps('name')}
      />
      <MultiSelect
        label={t('teams.members')}
        searchable
        hidePickedOptions
        data={users.all.filter((u) => !u.disabled).map((u) => ({ value: u.id, label: u.name }))}
        {...form.getInputProps('user_ids')}
      />
    </EditorForm>
  );
}
