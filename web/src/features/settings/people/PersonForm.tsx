import { Button, Tooltip } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { api } from '@/api/client';
import { keys } from '@/api/keys';
import { useMe } from '@/api/reference';
import type { Invite, User } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { ConfirmInline } from '@/ui';
import { EditorForm, SecretOnce, useDates, useSave } from '../kit';
import css from '../kit/kit.module.css';
import { PersonFields, type PersonValues } from './PersonFields';

/** One person's rights, teams and limit; a new link to log in; switching off and on. */
export function PersonForm({ user, onClose }: { user: User; onClose: () => void }) {
  const { t } = useTranslation('settings');
  const me = useMe();
  const dates = useDates();
  const [invite, setInvite] = useState<Invite>();
  const form = useForm<PersonValues>({
    initialValues: {
      name: user.name,
      email: user.email,
      role_id: user.role_id,
      team_ids: user.team_ids,
      capacity: user.capacity,
      locale: user.locale,
    },
    validate: { name: (v) => (v.trim() ? null : t('people.need_name')) },
  });
  const stale = [keys.users, keys.roles, keys.teams];
  const save = useSave({
    form,
    stale,
    save: ({ name, role_id, team_ids, capacity }: PersonValues) =>
      api.patch<User>(`/users/${user.id}`, { name: name.trim(), role_id, team_ids, capacity }),
    done: onClose,
  });
  const link = useSave({ save: () => api.post<Invite>(`/users/${user.id}/invite`), done: setInvite });
  const disable = useSave({
    stale,
    save: (disabled: boolean) => api.patch<User>(`/users/${user.id}`, { disabled }),
    done: onClose,
  });
  const own = user.id === me.user.id;
  return (
    <EditorForm
      onSubmit={form.onSubmit((values) => save.run(values))}
      onCancel={onClose}
      busy={save.busy}
      problem={save.problem ?? link.problem ?? disable.problem}
      extra={
        <>
          {!user.disabled && (
            <Tooltip label={t('people.new_link_hint')}>
              <Button variant="default" loading={link.busy} onClick={() => link.run()}>
                {t('people.new_link')}
              </Button>
            </Tooltip>
          )}
          {!own && (
            <span className={css.push}>
              {user.disabled ? (
                <Button variant="light" loading={disable.busy} onClick={() => disable.run(false)}>
                  {t('people.enable')}
                </Button>
              ) : (
                <ConfirmInline
                  label={t('people.disable')}
                  question={t('people.disable_question')}
                  confirm={t('people.disable')}
                  loading={disable.busy}
                  onConfirm={() => disable.run(true)}
                />
              )}
            </span>
          )}
        </>
      }
    >
      <PersonFields form={form} />
      {invite && (
        <SecretOnce
          value={invite.url}
          label={t('people.link')}
          title={t('people.reset_title', { name: user.name })}
          hint={t('people.link_hint', { until: dates.dateTime(invite.expires_at) })}
        />
      )}
    </EditorForm>
  );
}
