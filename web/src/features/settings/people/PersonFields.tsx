import { MultiSelect, NumberInput, Select, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { useTeams } from '@/api/reference';
import { useTranslation } from '@/i18n/useTranslation';
import css from '../kit/kit.module.css';
import { rolesQuery } from '../queries';
import { roleName } from '../roles/names';

export interface PersonValues {
  name: string;
  email: string;
  role_id: string;
  team_ids: string[];
  capacity: number;
  locale: 'ru' | 'en';
}

interface Props {
  form: UseFormReturnType<PersonValues>;
  invite?: boolean;
}

/** Who a person is and what they may do; an invitation also asks for the address and its language. */
export function PersonFields({ form, invite }: Props) {
  const { t } = useTranslation(['settings', 'common']);
  const roles = useQuery(rolesQuery);
  const teams = useTeams();
  return (
    <>
      <div className={css.grid2}>
        <TextInput label={t('people.name')} autoComplete="off" required {...form.getInputProps('name')} />
        {invite ? (
          <TextInput
            label={t('people.email')}
            type="email"
            autoComplete="off"
            required
            {...form.getInputProps('email')}
          />
        ) : (
          <TextInput label={t('people.email')} value={form.getValues().email} variant="filled" readOnly />
        )}
      </div>
      <div className={css.grid2}>
        <Select
          label={t('people.role')}
          required
          allowDeselect={false}
          data={(roles.data ?? []).map((r) => ({ value: r.id, label: roleName(t, r) }))}
          {...form.getInputProps('role_id')}
        />
        <MultiSelect
          label={t('people.teams')}
          description={t('people.teams_hint')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          data={teams.all.map((team) => ({ value: team.id, label: team.name }))}
          nothingFoundMessage={t('people.teams_empty')}
          hidePickedOptions
          {...form.getInputProps('team_ids')}
        />
      </div>
      <div className={css.grid2}>
        <NumberInput
          label={t('people.capacity')}
          description={t('people.capacity_hint')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          min={0}
          max={999}
          allowDecimal={false}
          {...form.getInputProps('capacity')}
        />
        {invite && (
          <Select
            label={t('people.language')}
            allowDeselect={false}
            data={(['ru', 'en'] as const).map((lang) => ({ value: lang, label: t(`common:lang.${lang}`) }))}
            {...form.getInputProps('locale')}
          />
        )}
      </div>
    </>
  );
}
