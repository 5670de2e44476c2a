import { Button, Checkbox, Select, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { errorText } from '@/api/error';
import { keys } from '@/api/keys';
import { useInboxes, useTags, useTeams, useUsers } from '@/api/reference';
import type { ChannelKind, Status, View } from '@/api/types';
import type { ListSearch } from '@/app/list-search';
import { useTranslation } from '@/i18n/useTranslation';
import { toast } from '@/ui';
import classes from './ListPane.module.css';
import { countNarrowing, type useList } from './useList';

const kinds: ChannelKind[] = ['telegram', 'whatsapp', 'max', 'webchat'];
const statuses: (Status | 'any')[] = ['open', 'pending', 'snoozed', 'resolved', 'any'];

export function Filters({ list, onClose }: { list: ReturnType<typeof useList>; onClose: () => void }) {
  const { t } = useTranslation(['conversations', 'common']);
  const { search, filter, show } = list;
  const inboxes = useInboxes();
  const teams = useTeams();
  const users = useUsers();
  const tags = useTags();
  const set = (part: ListSearch) => show({ ...search, ...part, item: undefined });
  const named = (xs: { id: string; name: string }[]) => xs.map((x) => ({ value: x.id, label: x.name }));
  const select = (
    key: 'inbox_id' | 'team_id' | 'assignee_id' | 'tag_id' | 'channel_kind' | 'status',
    data: { value: string; label: string }[],
  ) => (
    <Select
      size="xs"
      label={t(`filter.${key}`)}
      placeholder={t('filter.any')}
      data={data}
      value={search[key] ?? null}
      onChange={(value) => set({ [key]: value ?? undefined } as ListSearch)}
      clearable
      clearButtonProps={{ 'aria-label': t('common:action.clear') }}
      searchable={data.length > 8}
      comboboxProps={{ withinPortal: false }}
    />
  );
  return (
    <div className={classes.form}>
      {select(
        'status',
        statuses.map((s) => ({ value: s, label: t(`status.${s}`) })),
      )}
      {select('inbox_id', named(inboxes.all))}
      {select(
        'channel_kind',
        kinds.map((k) => ({ value: k, label: t(`common:channel.${k}`) })),
      )}
      {select('assignee_id', named(users.all))}
      {teams.all.length > 0 && select('team_id', named(teams.all))}
      {tags.all.length > 0 && select('tag_id', named(tags.all))}
      <div className={classes.checks}>
        <Checkbox
          size="xs"
          label={t('filter.unread')}
          checked={!!search.unread}
          onChange={(e) => set({ unread: e.currentTarget.checked || undefined })}
        />
        <Checkbox
          size="xs"
          label={t('filter.waiting')}
          checked={!!search.waiting}
          onChange={(e) => set({ waiting: e.currentTarget.checked || undefined })}
        />
        <Checkbox
          size="xs"
          label={t('sort.waiting')}
          checked={search.sort === 'waiting'}
          onChange={(e) => set({ sort: e.currentTarget.checked ? 'waiting' : undefined })}
        />
      </div>
      {countNarrowing(filter) > 0 && <SaveView list={list} onClose={onClose} />}
    </div>
  );
}

/** Keeps what is shown now under a name of its own, as one more tab. */
function SaveView({ list, onClose }: { list: ReturnType<typeof useList>; onClose: () => void }) {
  const { t } = useTranslation(['conversations', 'common']);
  const client = useQueryClient();
  const [name, setName] = useState('');
  const save = async () => {
    try {
      const view = await api.post<View>('/views', { name: name.trim(), shared: false, filter: list.filter });
      client.setQueryData<View[]>(keys.views, (old) => [...(old ?? []), view]);
      client.invalidateQueries({ queryKey: keys.counts });
      list.show({ view: view.id });
      onClose();
    } catch (error) {
      toast(errorText(t, error), 'error');
    }
  };
  return (
    <form
      className={classes.row2}
      onSubmit={(e) => {
        e.preventDefault();
        if (name.trim()) save();
      }}
    >
      <TextInput
        size="xs"
        flex={1}
        value={name}
        onChange={(e) => setName(e.currentTarget.value)}
        placeholder={t('view.name')}
        aria-label={t('view.name')}
        maxLength={60}
      />
      <Button type="submit" variant="light" disabled={!name.trim()}>
        {t('view.save')}
      </Button>
    </form>
  );
}
