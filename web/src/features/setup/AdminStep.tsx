import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { api } from '@/api/client';
import { ApiError, errorText } from '@/api/error';
import type { Me } from '@/api/types';
import { authCss as css } from '@/features/auth';
import { useTranslation } from '@/i18n/useTranslation';
import type { SetupValues } from './SetupPage';

interface Props {
  values: SetupValues;
  onBack: (values: Pick<SetupValues, 'name' | 'email'>) => void;
  onDone: (me: Me) => void;
}

const order: ('label' | 'input' | 'description' | 'error')[] = ['label', 'input', 'description', 'error'];

export function AdminStep({ values, onBack, onDone }: Props) {
  const { t } = useTranslation('setup');
  const form = useForm({
    initialValues: { name: values.name, email: values.email, password: '' },
    validate: {
      name: (v) => (v.trim() ? null : t('admin.need_name')),
      email: (v) => (/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(v.trim()) ? null : t('admin.need_email')),
      password: (v) => ([...v].length >= 8 ? null : t('admin.need_password')),
    },
  });
  const create = useMutation({
    mutationFn: ({ name, email, password }: typeof form.values) =>
      api.post<Me>('/setup', {
        ...values,
        workspace_name: values.workspace_name.trim(),
        name: name.trim(),
        email: email.trim(),
        password,
      }),
    onSuccess: onDone,
    onError: (error) => {
      if (error instanceof ApiError && error.field && error.field in form.getValues()) {
        form.setFieldError(error.field, errorText(t, error));
      }
    },
  });
  const atField = create.error instanceof ApiError && create.error.field && create.error.field in form.values;
  return (
    <form className={css.form} noValidate onSubmit={form.onSubmit((v) => create.mutate(v))}>
      <TextInput label={t('admin.name')} autoComplete="name" autoFocus {...form.getInputProps('name')} />
      <TextInput
        label={t('admin.email')}
        description={t('admin.email_hint')}
        inputWrapperOrder={order}
        type="email"
        autoComplete="username"
        {...form.getInputProps('email')}
      />
      <PasswordInput
        label={t('admin.password')}
        description={t('admin.password_hint')}
        inputWrapperOrder={order}
        autoComplete="new-password"
        {...form.getInputProps('password')}
      />
      {create.error && !atField && (
        <p className={css.problem} role="alert">
          {errorText(t, create.error)}
        </p>
      )}
      <div className={css.foot}>
        <Button
          variant="default"
          size="md"
          fz={14}
          onClick={() => onBack({ name: form.values.name, email: form.values.email })}
        >
          {t('back')}
        </Button>
        <Button type="submit" size="md" fz={14} flex={1} loading={create.isPending}>
          {t('admin.submit')}
        </Button>
      </div>
    </form>
  );
}
