import { Button, PasswordInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { keys } from '@/api/keys';
import { useMe } from '@/api/reference';
import { Card, kitCss as kit, useSave } from '@/features/settings';
import { useTranslation } from '@/i18n/useTranslation';

export function PasswordCard() {
  const { t } = useTranslation('profile');
  const me = useMe();
  const client = useQueryClient();
  const form = useForm({
    initialValues: { current: '', password: '' },
    validate: {
      current: (v) => (v ? null : t('password.need_current')),
      password: (v) => ([...v].length >= 8 ? null : t('password.next_hint')),
    },
  });
  const save = useSave({
    atField: (field, text) => {
      if (field !== 'current' && field !== 'password') return false;
      form.setFieldError(field, field === 'current' ? t('password.wrong') : text);
      return true;
    },
    save: (values: typeof form.values) => api.post('/me/password', values),
    done: () => {
      form.reset();
      void client.invalidateQueries({ queryKey: keys.sessions });
    },
  });
  return (
    <Card title={t('password.title')} hint={t('password.hint')}>
      <form className={kit.form} noValidate onSubmit={form.onSubmit((values) => save.run(values))}>
        {/* Password managers want to know whose password it is. */}
        <input type="email" autoComplete="username" value={me.user.email} readOnly hidden />
        <div className={kit.grid2}>
          <PasswordInput
            label={t('password.current')}
            autoComplete="current-password"
            {...form.getInputProps('current')}
          />
          <PasswordInput
            label={t('password.next')}
            description={t('password.next_hint')}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            autoComplete="new-password"
            {...form.getInputProps('password')}
          />
        </div>
        {save.problem && (
          <p className={kit.problem} role="alert">
            {save.problem}
          </p>
        )}
        <div className={kit.foot}>
          <Button type="submit" loading={save.busy} disabled={!form.isDirty()}>
            {t('password.submit')}
          </Button>
          <span role="status" style={{ color: 'var(--ok)', fontSize: 13 }}>
            {save.done && !form.isDirty() ? t('password.done') : ''}
          </span>
        </div>
      </form>
    </Card>
  );
}
