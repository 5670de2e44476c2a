import { Button, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMemo } from 'react';
import { authCss as css } from '@/features/auth';
import { countryOptions, zoneOptions } from '@/features/settings';
import { langs, setLang } from '@/i18n';
import { useTranslation } from '@/i18n/useTranslation';
import type { SetupValues } from './SetupPage';

interface Props {
  values: SetupValues;
  onDone: (values: Pick<SetupValues, 'workspace_name' | 'locale' | 'country' | 'timezone'>) => void;
}

export function CompanyStep({ values, onDone }: Props) {
  const { t, i18n } = useTranslation(['setup', 'common']);
  const zones = useMemo(() => zoneOptions(i18n.language), [i18n.language]);
  const countries = useMemo(() => countryOptions(i18n.language), [i18n.language]);
  const form = useForm({
    initialValues: {
      workspace_name: values.workspace_name,
      country: countries.some((c) => c.value === values.country) ? values.country : 'RU',
      timezone: zones.some((z) => z.value === values.timezone) ? values.timezone : 'Europe/Moscow',
    },
    validate: { workspace_name: (v) => (v.trim() ? null : t('company.need_name')) },
  });
  const lang = i18n.language === 'ru' ? 'ru' : 'en';
  return (
    <form className={css.form} noValidate onSubmit={form.onSubmit((v) => onDone({ ...v, locale: lang }))}>
      <TextInput
        label={t('company.name')}
        placeholder={t('company.name_placeholder')}
        autoComplete="organization"
        autoFocus
        {...form.getInputProps('workspace_name')}
      />
      <div className={css.grid2}>
        <Select
          label={t('company.language')}
          allowDeselect={false}
          data={langs.map((value) => ({ value, label: t(`common:lang.${value}`) }))}
          value={lang}
          onChange={(value) => value && void setLang(value as 'ru' | 'en')}
        />
        <Select
          label={t('company.country')}
          description={t('company.country_hint')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          searchable
          allowDeselect={false}
          data={countries}
          {...form.getInputProps('country')}
        />
      </div>
      <Select
        label={t('company.timezone')}
        searchable
        limit={60}
        allowDeselect={false}
        data={zones}
        {...form.getInputProps('timezone')}
      />
      <Button type="submit" size="md" fz={14}>
        {t('next')}
      </Button>
    </form>
  );
}
