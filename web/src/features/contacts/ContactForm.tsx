import { Button, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { api } from '@/api/client';
import { keys } from '@/api/keys';
import type { Contact } from '@/api/types';
import { useSave } from '@/features/settings';
import { useTranslation } from '@/i18n/useTranslation';
import css from './contacts.module.css';
import { guess, identitiesOf } from './form';

interface Props {
  /** What was searched for in vain: becomes the name, the number or the address. */
  initial?: string;
  onDone: (contact: Contact) => void;
  onClose: () => void;
}

export function ContactForm({ initial = '', onDone, onClose }: Props) {
  const { t } = useTranslation('contacts');
  const form = useForm({
    initialValues: { name: '', company: '', phone: '', email: '', ...guess(initial) },
    validate: {
      name: (v) => (v.trim() ? null : t('new.need_name')),
      email: (v) => (!v.trim() || /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(v.trim()) ? null : t('new.bad_email')),
    },
  });
  const save = useSave({
    stale: [keys.contacts],
    atField: (field, text) => {
      const at = /phone|identities|value/.test(field) ? 'phone' : field;
      if (!(at in form.getValues())) return false;
      form.setFieldError(at, text);
      return true;
    },
    save: (values: typeof form.values) =>
      api.post<Contact>('/contacts', {
        name: values.name.trim(),
        company: values.company.trim() || undefined,
        identities: identitiesOf(values),
      }),
    done: onDone,
  });
  return (
    <form
      className={css.newForm}
      aria-label={t('new.title')}
      noValidate
      onSubmit={form.onSubmit((values) => save.run(values))}
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
    >
      <TextInput label={t('new.name')} autoFocus {...form.getInputProps('name')} />
      <TextInput label={t('new.company')} {...form.getInputProps('company')} />
      <TextInput
        label={t('new.phone')}
        type="tel"
        placeholder={t('new.phone_hint')}
        {...form.getInputProps('phone')}
      />
      <TextInput label={t('new.email')} type="email" {...form.getInputProps('email')} />
      <div className={css.newFoot}>
        <Button type="submit" loading={save.busy}>
          {t('new.create')}
        </Button>
        <Button variant="default" onClick={onClose}>
          {t('new.cancel')}
        </Button>
        {save.problem && <span role="alert">{save.problem}</span>}
      </div>
    </form>
  );
}
