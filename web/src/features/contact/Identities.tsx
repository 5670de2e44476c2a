import { ActionIcon } from '@mantine/core';
import { IconCopy, IconMessage, IconX } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { api } from '@/api/client';
import { targetsQuery } from '@/api/conversations';
import { errorText } from '@/api/error';
import { keys } from '@/api/keys';
import type { Contact, Conversation, Identity, Target } from '@/api/types';
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
  const targets = useQuery({ ...targetsQuery(conversation?.id ?? ''), enabled: !!conversation }).data ?? [];
  const write = ({ channel_id, chat_id }: Target) =>
    window.dispatchEvent(
      new CustomEvent('okno:channel', { detail: { conversation: conversation?.id, channel_id, chat_id } }),
    );
  const copy = (i: Identity) =>
    navigator.clipboard.writeText(i.display || i.value).then(
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
      {contact.identities.map((i) => {
        const way = wayTo(i, targets);
        // A visitor of a site has a number that only the program knows.
        const visitor = i.kind === 'webchat' && !i.display;
        const to = visitor ? t('identities.visitor') : i.display || i.value;
        return (
          <div key={i.id} className={classes.identity}>
            <ChannelIcon kind={i.kind} size={17} />
            <span className={classes.address} title={visitor ? way?.name : i.value}>
              {to}
              {visitor && way && <small> · {way.name}</small>}
            </span>
            {way?.available && (
              <ActionIcon
                size={26}
                onClick={() => write(way)}
                aria-label={t('identities.write', { to })}
                title={t('identities.write', { to })}
              >
                <IconMessage size={16} stroke={1.7} />
              </ActionIcon>
            )}
            {!visitor && (
              <ActionIcon
                size={26}
                onClick={() => copy(i)}
                aria-label={t('identities.copy', { to })}
                title={t('common:action.copy')}
              >
                <IconCopy size={15} stroke={1.7} />
              </ActionIcon>
            )}
            {editable && (i.kind === 'phone' || i.kind === 'email') && (
              <ActionIcon
                size={26}
                onClick={() => remove(i)}
                aria-label={t('identities.remove', { to })}
                title={t('common:action.delete')}
              >
                <IconX size={15} />
              </ActionIcon>
            )}
          </div>
        );
      })}
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

/** The way of the composer that leads to an address: the very one, or the only one of its kind. */
function wayTo(i: Identity, targets: Target[]): Target | undefined {
  const same = targets.filter((x) => x.kind === i.kind);
  return (
    same.find((x) => x.to === i.display || x.to === i.value) ?? (same.length === 1 ? same[0] : undefined)
  );
}

export function AddButton({ label, open, onClick }: { label: string; open?: boolean; onClick: () => void }) {
  return (
    <button type="button" className={classes.add} onClick={onClick} aria-expanded={open}>
      {label}
    </button>
  );
}
