import { Button, Checkbox, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconFilter, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { keys } from '@/api/keys';
import {
  useCan,
  useChannels,
  useInboxes,
  useMe,
  useTags,
  useTeams,
  useUsers,
  viewsQuery,
} from '@/api/reference';
import type { Filter, View } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { EmptyState, Page } from '@/ui';
import { Badge, EditableList, EditorForm, Loaded, newId, type Open, RowText, useSave } from '../kit';
import css from '../kit/kit.module.css';
import { type FilterValues, filterOf, valuesOf } from './filter';

export function ViewsPage() {
  const { t } = useTranslation('settings');
  const me = useMe();
  const share = useCan('view.share');
  const views = useQuery(viewsQuery);
  const users = useUsers();
  const [open, setOpen] = useState<Open>(null);
  const add = (
    <Button leftSection={<IconPlus size={15} />} onClick={() => setOpen(newId)}>
      {t('views.add')}
    </Button>
  );
  return (
    <Page title={t('views.title')} lead={t('views.lead')} actions={add}>
      <Loaded query={views}>
        {(items) => (
          <EditableList
            label={t('views.list')}
            items={items}
            idOf={(view) => view.id}
            open={open}
            onOpen={setOpen}
            still={(view) => view.owner_id !== me.user.id && !(view.shared && share)}
            empty={
              <EmptyState icon={IconFilter} title={t('views.empty')} text={t('views.empty_text')}>
                {add}
              </EmptyState>
            }
            row={(view) => (
              <ViewRow
                view={view}
                owner={users.byId.get(view.owner_id)?.name}
                own={view.owner_id === me.user.id}
              />
            )}
            editor={(view, close) => <ViewForm view={view} share={share} onClose={close} />}
          />
        )}
      </Loaded>
    </Page>
  );
}

function ViewRow({ view, owner, own }: { view: View; owner?: string; own: boolean }) {
  const { t } = useTranslation('settings');
  const words = useFilterWords(view.filter);
  return (
    <RowText
      title={
        <>
          {view.name}
          {view.shared && <Badge tone="accent">{t('views.shared_mark')}</Badge>}
        </>
      }
      sub={[...words, own || !owner ? '' : t('views.by', { name: owner })].filter(Boolean).join(' · ')}
    />
  );
}

/** A filter in words, as people would say it. */
function useFilterWords(filter: Filter): string[] {
  const { t } = useTranslation(['settings', 'common']);
  const inboxes = useInboxes();
  const teams = useTeams();
  const users = useUsers();
  const tags = useTags();
  return [
    t(`views.scope_${filter.scope ?? 'all'}`),
    filter.status ? t(`views.status_${filter.status}`) : '',
    (filter.inbox_id && inboxes.byId.get(filter.inbox_id)?.name) || '',
    filter.channel_kind ? t(`common:channel.${filter.channel_kind}`) : '',
    (filter.team_id && teams.byId.get(filter.team_id)?.name) || '',
    (filter.assignee_id && users.byId.get(filter.assignee_id)?.name) || '',
    (filter.tag_id && tags.byId.get(filter.tag_id)?.name) || '',
    filter.unread ? t('views.unread') : '',
    filter.waiting ? t('views.waiting') : '',
  ].filter(Boolean);
}

function ViewForm({ view, share, onClose }: { view?: View; share: boolean; onClose: () => void }) {
  const { t } = useTranslation('settings');
  const form = useForm<FilterValues & { name: string; shared: boolean }>({
    initialValues: { name: view?.name ?? '', shared: view?.shared ?? false, ...valuesOf(view?.filter ?? {}) },
    validate: { name: (v) => (v.trim() ? null : t('views.need_name')) },
  });
  const save = useSave({
    form,
    stale: [keys.views, keys.counts],
    save: ({ name, shared, ...rest }: typeof form.values) => {
      const body = { name: name.trim(), shared, filter: filterOf(rest), position: view?.position };
      return view ? api.patch<View>(`/views/${view.id}`, body) : api.post<View>('/views', body);
    },
    done: onClose,
  });
  const remove = useSave({
    stale: [keys.views],
    save: () => api.delete(`/views/${view?.id}`),
    done: onClose,
  });
  return (
    <EditorForm
      onSubmit={form.onSubmit((values) => save.run(values))}
      onCancel={onClose}
      onDelete={view ? () => remove.run() : undefined}
      busy={save.busy || remove.busy}
      problem={save.problem ?? remove.problem}
    >
      <TextInput label={t('views.name')} required {...form.getInputProps('name')} />
      <FilterFields form={form} />
      {share && (
        <Checkbox
          label={t('views.shared')}
          description={t('views.shared_hint')}
          {...form.getInputProps('shared', { type: 'checkbox' })}
        />
      )}
    </EditorForm>
  );
}

interface FieldsForm {
  getInputProps: (name: keyof FilterValues, options?: { type: 'checkbox' }) => object;
}

function FilterFields({ form }: { form: FieldsForm }) {
  const { t } = useTranslation(['settings', 'common']);
  const inboxes = useInboxes();
  const channels = useChannels();
  const teams = useTeams();
  const users = useUsers();
  const tags = useTags();
  const any = (key: 'any' | 'any_f') => ({ value: '', label: t(`views.${key}`) });
  const named = (list: { id: string; name: string }[]) => list.map((x) => ({ value: x.id, label: x.name }));
  const kinds = [...new Set(channels.all.map((c) => c.kind))];
  const words = (field: string, values: string[]) =>
    values.map((value) => ({ value, label: t(`views.${field}_${value}`) }));
  const select = { allowDeselect: false } as const;
  return (
    <>
      <div className={css.grid2}>
        <Select
          {...select}
          label={t('views.scope')}
          data={words('scope', ['all', 'mine', 'unassigned', 'mentions'])}
          {...form.getInputProps('scope')}
        />
        <Select
          {...select}
          label={t('views.status')}
          data={words('status', ['active', 'open', 'pending', 'snoozed', 'resolved', 'any'])}
          {...form.getInputProps('status')}
        />
        <Select
          {...select}
          label={t('views.inbox')}
          data={[any('any'), ...named(inboxes.all)]}
          {...form.getInputProps('inbox_id')}
        />
        <Select
          {...select}
          label={t('views.channel')}
          data={[any('any'), ...kinds.map((k) => ({ value: k, label: t(`common:channel.${k}`) }))]}
          {...form.getInputProps('channel_kind')}
        />
        <Select
          {...select}
          label={t('views.team')}
          data={[any('any_f'), ...named(teams.all)]}
          {...form.getInputProps('team_id')}
        />
        <Select
          {...select}
          searchable
          label={t('views.assignee')}
          data={[any('any'), ...named(users.all.filter((u) => !u.disabled))]}
          {...form.getInputProps('assignee_id')}
        />
        <Select
          {...select}
          searchable
          label={t('views.tag')}
          data={[any('any_f'), ...named(tags.all)]}
          {...form.getInputProps('tag_id')}
        />
        <Select
          {...select}
          label={t('views.sort')}
          data={words('sort', ['recent', 'waiting'])}
          {...form.getInputProps('sort')}
        />
      </div>
      <Checkbox label={t('views.unread')} {...form.getInputProps('unread', { type: 'checkbox' })} />
      <Checkbox label={t('views.waiting')} {...form.getInputProps('waiting', { type: 'checkbox' })} />
    </>
  );
}
