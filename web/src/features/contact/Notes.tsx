import { Button, Textarea } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { errorText } from '@/api/error';
import { keys } from '@/api/keys';
import { useUsers } from '@/api/reference';
import type { Contact, ContactNote, List } from '@/api/types';
import { ConfirmInline, RelativeTime, toast } from '@/ui';
import { Block } from './Block';
import classes from './ContactPane.module.css';
import { AddButton } from './Identities';

/** What colleagues should know about the contact, whatever the conversation. */
export function Notes({ contact }: { contact: Contact }) {
  const { t } = useTranslation(['contact', 'common']);
  const client = useQueryClient();
  const users = useUsers();
  const [adding, setAdding] = useState(false);
  const [text, setText] = useState('');
  const key = keys.contactNotes(contact.id);
  const query = useQuery({
    queryKey: key,
    queryFn: ({ signal }) =>
      api.get<List<ContactNote>>(`/contacts/${contact.id}/notes`, undefined, { signal }),
  });
  const set = (f: (items: ContactNote[]) => ContactNote[]) =>
    client.setQueryData<List<ContactNote>>(key, (l) => l && { ...l, items: f(l.items) });
  const add = async () => {
    try {
      const note = await api.post<ContactNote>(`/contacts/${contact.id}/notes`, { text: text.trim() });
      set((items) => [note, ...items]);
      setText('');
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
        <form
          className={classes.noteForm}
          onSubmit={(e) => {
            e.preventDefault();
            if (text.trim()) add();
          }}
        >
          <Textarea
            autoFocus
            autosize
            minRows={2}
            maxRows={8}
            size="xs"
            value={text}
            onChange={(e) => setText(e.currentTarget.value)}
            aria-label={t('notes.text')}
            placeholder={t('notes.text')}
            onKeyDown={(e) => e.key === 'Enter' && (e.ctrlKey || e.metaKey) && text.trim() && add()}
          />
          <Button type="submit" disabled={!text.trim()}>
            {t('common:action.save')}
          </Button>
        </form>
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
