import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api } from '@/api/client';
import { keys } from '@/api/keys';
import { useMe } from '@/api/reference';
import type { Invite, User } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { EditorForm, SecretOnce, useDates, useSave } from '../kit';
import { rolesQuery } from '../queries';
import { PersonFields, type PersonValues } from './PersonFields';

export const emailPattern = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

export function InviteForm({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('settings');
  const me = useMe();
  const dates = useDates();
  const roles = useQuery(rolesQuery);
  const [made, setMade] = useState<{ user: User; invite?: Invite }>();
  const form = useForm<PersonValues>({
    initialValues: {
      name: '',
      email: '',
      role_id: '',
      team_ids: [],
      capacity: 0,
      locale: me.workspace.locale,
    },
    validate: {
      name: (v) => (v.trim() ? null : t('people.need_name')),
      email: (v) => (emailPattern.test(v.trim()) ? null : t('people.need_email')),
      role_id: (v) => (v ? null : t('people.need_role')),
    },
  });
  const agent = roles.data?.find((r) => r.key === 'agent')?.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the roles arrive
  useEffect(() => {
    if (agent && !form.getValues().role_id) form.setFieldValue('role_id', agent);
  }, [agent]);
  const save = useSave({
    form,
    stale: [keys.users, keys.roles, keys.teams],
    save: (values: PersonValues) =>
      api.post<{ user: User; invite?: Invite }>('/users', {
        ...values,
        name: values.name.trim(),
        email: values.email.trim(),
      }),
    done: (answer) => (answer.invite ? setMade(answer) : onClose()),
  });
  if (made?.invite) {
    return (
      <SecretOnce
        value={made.invite.url}
        label={t('people.link')}
        title={t('people.link_title', { name: made.user.name })}
        hint={t('people.link_hint', { until: dates.dateTime(made.invite.expires_at) })}
        onDone={onClose}
      />
    );
  }
  return (
    <EditorForm
      onSubmit={form.onSubmit((values) => save.run(values))}
      onCancel={onClose}
      busy={save.busy}
      problem={save.problem}
      submit={t('people.send_invite')}
    >
      <PersonFields form={form} invite />
    </EditorForm>
  );
}
