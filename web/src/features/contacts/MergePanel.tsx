import { ActionIcon, Button, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconArrowRight, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { keys } from '@/api/keys';
import type { Contact, List } from '@/api/types';
import { useSave } from '@/features/settings';
import { useTranslation } from '@/i18n/useTranslation';
import { Avatar, ErrorState, SkeletonRows } from '@/ui';
import css from './contacts.module.css';

/** Finds the other record of the same person and joins it into this one. */
export function MergePanel({ contact, onClose }: { contact: Contact; onClose: () => void }) {
  const { t } = useTranslation('contacts');
  const [other, setOther] = useState<Contact>();
  const merge = useSave({
    stale: [keys.contacts, keys.conversations, ['items']],
    save: () => api.post<Contact>(`/contacts/${contact.id}/merge`, { contact_id: other?.id }),
    done: onClose,
  });
  return (
    <section
      className={css.merge}
      aria-label={t('merge.title')}
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
    >
      <div className={css.mergeHead}>
        <div>
          <b>{t('merge.title')}</b>
          <p>{t('merge.hint')}</p>
        </div>
        <ActionIcon aria-label={t('new.cancel')} onClick={onClose}>
          <IconX size={16} />
        </ActionIcon>
      </div>
      {other ? (
        <>
          <div className={css.pair}>
            <Side contact={other} role={t('merge.loser')} />
            <IconArrowRight size={18} aria-hidden />
            <Side contact={contact} role={t('merge.winner')} />
          </div>
          {merge.problem && (
            <p className={css.mergeProblem} role="alert">
              {merge.problem}
            </p>
          )}
          <div className={css.newFoot}>
            <Button loading={merge.busy} onClick={() => merge.run()} autoFocus>
              {t('merge.do')}
            </Button>
            <Button variant="default" onClick={() => setOther(undefined)}>
              {t('new.cancel')}
            </Button>
          </div>
        </>
      ) : (
        <Finder except={contact.id} onChoose={setOther} />
      )}
    </section>
  );
}

function Side({ contact, role }: { contact: Contact; role: string }) {
  const { t } = useTranslation('contacts');
  return (
    <div className={css.sideCard}>
      <Avatar name={contact.name} color={contact.color} src={contact.avatar_url} size={32} />
      <div>
        <small>{role}</small>
        <b>{contact.name}</b>
        <span>
          {[
            ...contact.identities.slice(0, 2).map((i) => i.display),
            t('conversations', { count: contact.conversations ?? 0 }),
          ].join(' · ')}
        </span>
      </div>
    </div>
  );
}

function Finder({ except, onChoose }: { except: string; onChoose: (contact: Contact) => void }) {
  const { t } = useTranslation('contacts');
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed.trim(), 200);
  const found = useQuery({
    queryKey: keys.contactList({ q }),
    queryFn: ({ signal }) => api.get<List<Contact>>('/contacts', { q, limit: 20 }, { signal }),
    staleTime: 30_000,
    enabled: q.length > 0,
  });
  const others = found.data?.items.filter((c) => c.id !== except) ?? [];
  return (
    <>
      <TextInput
        autoFocus
        aria-label={t('merge.find')}
        placeholder={t('search')}
        value={typed}
        onChange={(e) => setTyped(e.currentTarget.value)}
      />
      {found.isLoading && <SkeletonRows rows={2} />}
      {found.isError && <ErrorState error={found.error} onRetry={() => void found.refetch()} />}
      {found.data && others.length === 0 && <p className={css.none}>{t('merge.nobody')}</p>}
      <ul className={css.finder}>
        {others.slice(0, 6).map((c) => (
          <li key={c.id}>
            <button type="button" onClick={() => onChoose(c)}>
              <Avatar name={c.name} color={c.color} src={c.avatar_url} size={26} />
              <span>{c.name}</span>
              <small>
                {c.identities
                  .slice(0, 2)
                  .map((i) => i.display)
                  .join(' · ')}
              </small>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
