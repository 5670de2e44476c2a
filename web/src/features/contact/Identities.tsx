import { ActionIcon } from '@mantine/core';
import { IconCopy, IconMessage, IconX } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { api } from '@/api/client';
import { errorText } from '@/api/error';
import { keys } from '@/api/keys';
import type { Contact, Conversation, Identity } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { ChannelIcon, toast } from '@/ui';
import { Block } from './Block';
import classes from './ContactPane.module.css';

const AddIdentity = lazy(() => import('./AddIdentity').then((m) => ({ default: m.AddIdentity })));

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
        <Suspense fallback={null}>
          <AddIdentity
            contact={contact}
            onDone={() => {
              setAdding(false);
              refresh();
            }}
          />
        </Suspense>
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
