import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import { api } from '@/api/client';
import { ApiError, errorText } from '@/api/error';
import type { Me } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { AuthLayout } from './AuthLayout';
import css from './AuthLayout.module.css';
import { splitTime, useCountdown } from './countdown';
import { enter } from './enter';

export function LoginPage() {
  const { t } = useTranslation('auth');
  const client = useQueryClient();
  const router = useRouter();
  const { from } = useSearch({ from: '/login' });
  const form = useForm({
    initialValues: { email: '', password: '' },
    validate: {
      email: (v) => (v.trim() ? null : t('login.need_email')),
      password: (v) => (v ? null : t('login.need_password')),
    },
  });
  const login = useMutation({
    mutationFn: ({ email, password }: typeof form.values) =>
      api.post<Me>('/auth/login', { email: email.trim(), password }),
    onSuccess: async (me) => {
      await enter(client, me);
      router.history.push(from ?? '/');
    },
    onError: () => form.setFieldValue('password', ''),
  });
  const error = login.error;
  const limited = error instanceof ApiError && error.kind === 'rate_limited';
  const wait = useCountdown(
    limited && error.retryAfter ? login.submittedAt + error.retryAfter * 1000 : undefined,
  );
  useEffect(() => {
    document.title = `${t('login.title')} · ${t('common:app')}`;
  }, [t]);
  return (
    <AuthLayout title={t('login.title')} lead={t('login.lead')}>
      <form className={css.form} onSubmit={form.onSubmit((values) => login.mutate(values))} noValidate>
        <TextInput
          label={t('login.email')}
          type="email"
          autoComplete="username"
          autoFocus
          size="md"
          {...form.getInputProps('email')}
        />
        <PasswordInput
          label={t('login.password')}
          autoComplete="current-password"
          size="md"
          {...form.getInputProps('password')}
        />
        {error && (
          <p className={css.problem} role="alert">
            {limited ? <Throttled wait={wait} known={Boolean(error.retryAfter)} /> : errorText(t, error)}
          </p>
        )}
        <Button type="submit" size="md" fz={14} loading={login.isPending} disabled={wait > 0}>
          {t('login.submit')}
        </Button>
      </form>
      <p className={css.hint}>{t('login.forgot')}</p>
    </AuthLayout>
  );
}

function Throttled({ wait, known }: { wait: number; known: boolean }) {
  const { t } = useTranslation('auth');
  if (!known) return t('errors:access.too_many_attempts');
  if (wait === 0) return t('login.again');
  const { minutes, seconds } = splitTime(wait);
  const time = minutes > 0 ? t('login.minutes', { minutes, seconds }) : t('login.seconds', { seconds });
  return t('login.throttled', { time });
}
