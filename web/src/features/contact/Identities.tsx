import { ActionIcon, Button, Select, TextInput } from '@mantine/core';
import { IconCopy, IconMessage, IconX } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { errorText } from '@/api/error';
import { keys } from '@/api/keys';
import type { Contact, Conversation, Identity } from '@/api/types';
import { ChannelIcon, toast } from '@/ui';
import { Block } from './Block';
import classes from './ContactPane.module.css';

interface Props {
  contact: Contact;
  /** Whose composer "write" turns to the address; without it there is nothing to write with here. */
  conversation?: Conversation;
  editable: boolean;
}

/** Every address of a contact: write to it, copy it, add one, take one away. */
export function Identities({ contact, conversation, editable }: Props) {
  const { t } = useTranslation(['contact', 'common']);
  const client = useQueryClient();
  const [adding, setAdding] = useState(false);
  const refresh = () => {
    client.invalidateQueries({ queryKey: keys.contact(contact.id) });
    if (conversation) client.invalidateQueries({ queryKey: keys.targets(conversation.id) });
  };
  const remove = (i: Identity) =>
    api
      .delete(`/contacts/${contact.id}/identities/${i.id}`)
      .then(refresh, (error) => toast(errorText(t, error), 'error'));
  const write = (i: Identity) =>
    window.dispatchEvent(
      new CustomEvent('okno:channel', {
        detail: { conversation: conversation?.id, channel_id: i.channel_id },
      }),
    );
  const copy = (i: Identity) =>
    navigator.clipboard.writeText(i.display).then(
      () => toast(t('common:action.copied')),
      () => undefined,
    );
  return (
    <Block
      title={t('identities.title')}
      action={
        editable && (
          <AddButton label={t('common:action.add')} open={adding} onClick={() => setAdding(!adding)} />
        )
      }
    >
      {contact.identities.map((i) => (
        <div key={i.id} className={classes.identity}>
          <ChannelIcon kind={i.kind} size={17} />
          <span className={classes.address} title={i.value}>
            {i.display || i.value}
          </span>
          {conversation && i.channel_id && i.reachable && (
            <ActionIcon
              size={26}
              onClick={() => write(i)}
              aria-label={t('identities.write', { to: i.display })}
              title={t('identities.write', { to: i.display })}
            >
              <IconMessage size={16} stroke={1.7} />
            </ActionIcon>
          )}
          <ActionIcon
            size={26}
            onClick={() => copy(i)}
            aria-label={t('identities.copy', { to: i.display })}
            title={t('common:action.copy')}
          >
            <IconCopy size={15} stroke={1.7} />
          </ActionIcon>
          {editable && !i.channel_id && (
            <ActionIcon
              size={26}
              onClick={() => remove(i)}
              aria-label={t('identities.remove', { to: i.display })}
              title={t('common:action.delete')}
            >
              <IconX size={15} />
            </ActionIcon>
          )}
        </div>
      ))}
      {!contact.identities.length && <p className={classes.none}>{t('identities.none')}</p>}
      {adding && (
        <AddIdentity
          contact={contact}
          onDone={() => {
            setAdding(false);
            refresh();
          }}
        />
      )}
    </Block>
  );
}

export function AddButton({ label, open, onClick }: { label: string; open?: boolean; onClick: () => void }) {
  return (
    <button type="button" className={classes.add} onClick={onClick} aria-expanded={open}>
      {label}
    </button>
  );
}

function AddIdentity({ contact, onDone }: { contact: Contact; onDone: () => void }) {
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
