import { Alert, Button, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api } from '@/api/client';
import { keys } from '@/api/keys';
import { useMe } from '@/api/reference';
import type { Workspace } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { Page } from '@/ui';
import { zoneOptions } from '../inboxes/timezones';
import { Card, Loaded, Saved, useSave } from '../kit';
import css from '../kit/kit.module.css';
import { countryOptions } from './countries';

const workspaceQuery = {
  queryKey: ['workspace'],
  queryFn: ({ signal }: { signal: AbortSignal }) => api.get<Workspace>('/workspace', undefined, { signal }),
};

export function WorkspacePage() {
  const { t } = useTranslation('settings');
  const me = useMe();
  const workspace = useQuery(workspaceQuery);
  return (
    <Page title={t('workspace.title')} lead={t('workspace.lead')}>
      {me.workspace.demo && (
        <Alert mb={16} p={12} color="accent">
          {t('workspace.demo')}
        </Alert>
      )}
      <Loaded query={workspace}>{(value) => <WorkspaceForm workspace={value} />}</Loaded>
      <p className={css.hint}>{t('workspace.version', { version: me.version })}</p>
    </Page>
  );
}

function WorkspaceForm({ workspace }: { workspace: Workspace }) {
  const { t, i18n } = useTranslation(['settings', 'common']);
  const zones = useMemo(() => zoneOptions(i18n.language), [i18n.language]);
  const countries = useMemo(() => countryOptions(i18n.language), [i18n.language]);
  const form = useForm({
    initialValues: {
      name: workspace.name,
      locale: workspace.locale,
      timezone: workspace.timezone,
      country: workspace.country,
    },
    validate: { name: (v) => (v.trim() ? null : t('workspace.need_name')) },
  });
  const save = useSave({
    form,
    stale: [['workspace'], keys.me],
    save: (values: typeof form.values) =>
      api.patch<Workspace>('/workspace', { ...values, name: values.name.trim() }),
    done: () => form.resetDirty(),
  });
  const order = ['label', 'input', 'description', 'error'] as const;
  return (
    <Card>
      <form className={css.form} onSubmit={form.onSubmit((values) => save.run(values))} noValidate>
        <TextInput label={t('workspace.name')} required {...form.getInputProps('name')} />
        <div className={css.grid2}>
          <Select
            label={t('workspace.language')}
            description={t('workspace.language_hint')}
            inputWrapperOrder={[...order]}
            allowDeselect={false}
            data={(['ru', 'en'] as const).map((lang) => ({ value: lang, label: t(`common:lang.${lang}`) }))}
            {...form.getInputProps('locale')}
          />
          <Select
            label={t('workspace.country')}
            description={t('workspace.country_hint')}
            inputWrapperOrder={[...order]}
            searchable
            allowDeselect={false}
            data={countries}
            {...form.getInputProps('country')}
          />
        </div>
        <Select
          label={t('workspace.timezone')}
          description={t('workspace.timezone_hint')}
          inputWrapperOrder={[...order]}
          searchable
          limit={60}
          allowDeselect={false}
          data={zones}
          {...form.getInputProps('timezone')}
        />
        <div>
          <div className={css.label}>{t('workspace.base_url')}</div>
          <div>{workspace.base_url || t('workspace.base_url_none')}</div>
          <p className={css.hint}>{t('workspace.base_url_hint')}</p>
        </div>
        {save.problem && (
          <p className={css.problem} role="alert">
            {save.problem}
          </p>
        )}
        <div className={css.foot}>
          <Button type="submit" loading={save.busy} disabled={!form.isDirty()}>
            {t('kit.save')}
          </Button>
          <Saved show={save.done && !form.isDirty()} />
        </div>
      </form>
    </Card>
  );
}
