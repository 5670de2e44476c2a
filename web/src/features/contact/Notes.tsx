import { useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { api } from '@/api/client';
import { errorText } from '@/api/error';
import { keys } from '@/api/keys';
import { useUsers } from '@/api/reference';
import type { Contact, ContactNote, List } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { ConfirmInline, RelativeTime, toast } from '@/ui';
import { Block } from './Block';
import classes from './ContactPane.module.css';
import { AddButton } from './Identities';

const NoteForm = lazy(() => import('./NoteForm').then((m) => ({ default: m.NoteForm })));

/** What colleagues should know about the contact, whatever the conversation. */
export function Notes({ contact }: { contact: Contact }) {
  const { t } = useTranslation(['contact', 'common']);
  const client = useQueryClient();
  const users = useUsers();
  const [adding, setAdding] = useState(false);
  const key = keys.contactNotes(contact.id);
  const query = useQuery({
    queryKey: key,
    queryFn: ({ signal }) =>
      api.get<List<ContactNote>>(`/contacts/${contact.id}/notes`, undefined, { signal }),
  });
  const set = (f: (items: ContactNote[]) => ContactNote[]) =>
    client.setQueryData<List<ContactNote>>(key, (l) => l && { ...l, items: f(l.items) });
  const add = async (text: string) => {
    try {
      const note = await api.post<ContactNote>(`/contacts/${contact.id}/notes`, { text });
      set((items) => [note, ...items]);
      setAdding(false);
    } catch (error) {
      toast(errorText(t, error), 'error');
    }
  };
  const remove = (note: ContactNote) =>
    api.delete(`/contacts/${contact.id}/notes/${note.id}`).then(
      () => set((items) => items.filter((x) => x.id !== note.id)),
      (error) => toast(errorText(t, error), 'error'),
    );
  return (
    <Block
      title={t('notes.title')}
      action={<AddButton label={t('common:action.add')} open={adding} onClick={() => setAdding(!adding)} />}
    >
      {adding && (
        <Suspense fallback={null}>
          <NoteForm onSave={add} />
        </Suspense>
      )}
      {query.data?.items.map((n) => (
        <div key={n.id} className={classes.note}>
          <div>{n.text}</div>
          <small>
            {users.byId.get(n.author_id)?.name} · <RelativeTime at={n.created_at} long />
          </small>
          <ConfirmInline label={t('common:action.delete')} onConfirm={() => remove(n)} />
        </div>
      ))}
      {query.data?.items.length === 0 && !adding && <p className={classes.none}>{t('notes.none')}</p>}
    </Block>
  );
}
