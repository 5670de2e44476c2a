import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { api } from '@/api/client';
import { ApiError, errorText } from '@/api/error';
import type { Me } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { ErrorState, SkeletonRows } from '@/ui';
import { AuthLayout } from './AuthLayout';
import css from './AuthLayout.module.css';
import { enter } from './enter';

interface Invitation {
  email: string;
  name: string;
  workspace_name: string;
}

export const minPassword = 8;

/** Where the link of an invitation or of a password reset leads. */
export function InvitePage() {
  const { t } = useTranslation('auth');
  const { token } = useParams({ from: '/invite/$token' });
  const invitation = useQuery({
    queryKey: ['invite', token],
    queryFn: ({ signal }) =>
      api.get<Invitation>(`/auth/invites/${encodeURIComponent(token)}`, undefined, { signal }),
  });
  if (invitation.isPending) {
    return (
      <AuthLayout title={t('invite.title')}>
        <SkeletonRows rows={3} avatar={false} />
      </AuthLayout>
    );
  }
  if (invitation.isError) {
    const gone = invitation.error instanceof ApiError && invitation.error.kind === 'not_found';
    return (
      <AuthLayout
        title={gone ? t('invite.gone') : t('invite.title')}
        lead={gone ? t('invite.gone_text') : undefined}
      >
        {!gone && <ErrorState error={invitation.error} onRetry={() => void invitation.refetch()} />}
        <div className={css.form}>
          <Button variant="default" renderRoot={(props) => <Link to="/login" {...props} />}>
            {t('invite.to_login')}
          </Button>
        </div>
      </AuthLayout>
    );
  }
  return <Accept token={token} invitation={invitation.data} />;
}

function Accept({ token, invitation }: { token: string; invitation: Invitation }) {
  const { t } = useTranslation('auth');
  const client = useQueryClient();
  const navigate = useNavigate();
  const form = useForm({
    initialValues: { name: invitation.name, password: '' },
    validate: {
      name: (v) => (v.trim() ? null : t('invite.need_name')),
      password: (v) => ([...v].length >= minPassword ? null : t('invite.need_password')),
    },
  });
  const accept = useMutation({
    mutationFn: ({ name, password }: typeof form.values) =>
      api.post<Me>(`/auth/invites/${encodeURIComponent(token)}`, { name: name.trim(), password }),
    onSuccess: async (me) => {
      await enter(client, me);
      navigate({ to: '/', replace: true });
    },
    onError: (error) => {
      if (error instanceof ApiError && (error.field === 'name' || error.field === 'password')) {
        form.setFieldError(error.field, errorText(t, error));
      }
    },
  });
  const atField = accept.error instanceof ApiError && accept.error.field;
  return (
    <AuthLayout title={t('invite.title')} lead={t('invite.lead', { workspace: invitation.workspace_name })}>
      <form className={css.form} onSubmit={form.onSubmit((values) => accept.mutate(values))} noValidate>
        <TextInput
          label={t('login.email')}
          type="email"
          autoComplete="username"
          value={invitation.email}
          variant="filled"
          readOnly
        />
        <TextInput
          label={t('invite.name')}
          description={t('invite.name_hint')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          autoComplete="name"
          {...form.getInputProps('name')}
        />
        <PasswordInput
          label={t('invite.password')}
          description={t('invite.password_hint')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          autoComplete="new-password"
          autoFocus
          {...form.getInputProps('password')}
        />
        {accept.error && !atField && (
          <p className={css.problem} role="alert">
            {errorText(t, accept.error)}
          </p>
        )}
        <Button type="submit" size="md" fz={14} loading={accept.isPending}>
          {t('invite.submit')}
        </Button>
      </form>
    </AuthLayout>
  );
}
