import { Button, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api } from '@/api/client';
import { errorText } from '@/api/error';
import type { Contact } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import classes from './ContactPane.module.css';

/** A phone number or an e-mail address by hand. */
export function AddIdentity({ contact, onDone }: { contact: Contact; onDone: () => void }) {
  const { t } = useTranslation(['contact', 'common']);
  const [kind, setKind] = useState<'phone' | 'email'>('phone');
  const [value, setValue] = useState('');
  const [error, setError] = useState<string>();
  const save = async () => {
    try {
      await api.post(`/contacts/${contact.id}/identities`, { kind, value: value.trim() });
      onDone();
    } catch (e) {
      setError(errorText(t, e));
    }
  };
  return (
    <form
      className={classes.adding}
      onSubmit={(e) => {
        e.preventDefault();
        if (value.trim()) save();
      }}
    >
      <Select
        size="xs"
        w={104}
        aria-label={t('identities.kind')}
        data={(['phone', 'email'] as const).map((k) => ({ value: k, label: t(`common:channel.${k}`) }))}
        value={kind}
        onChange={(k) => k && setKind(k as 'phone')}
        allowDeselect={false}
      />
      <TextInput
        size="xs"
        flex={1}
        autoFocus
        type={kind === 'phone' ? 'tel' : 'email'}
        aria-label={t(`common:channel.${kind}`)}
        value={value}
        onChange={(e) => setValue(e.currentTarget.value)}
        error={error}
      />
      <Button type="submit" disabled={!value.trim()}>
        {t('common:action.add')}
      </Button>
    </form>
  );
}
