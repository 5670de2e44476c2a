import { Select, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '@/api/client';
import { errorText } from '@/api/error';
import { keys } from '@/api/keys';
import { useInboxes } from '@/api/reference';
import type { Contact, Conversation, List } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { Avatar, EmptyState, ErrorState, SkeletonRows, toast } from '@/ui';
import classes from './ListPane.module.css';

/** Whom to write to, from which department: opens the unresolved conversation or a new one. */
export function NewConversation({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('conversations');
  const navigate = useNavigate();
  const client = useQueryClient();
  const inboxes = useInboxes();
  const [inbox, setInbox] = useState<string | null>(null);
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed.trim(), 200);
  const found = useQuery({
    queryKey: keys.contactList({ q }),
    queryFn: ({ signal }) => api.get<List<Contact>>('/contacts', { q, limit: 20 }, { signal }),
    staleTime: 30_000,
  });
  const chosen = inbox ?? inboxes.all[0]?.id;
  const start = async (contact: Contact) => {
    try {
      const c = await api.post<Conversation>('/conversations', { contact_id: contact.id, inbox_id: chosen });
      client.setQueryData(keys.conversation(c.id), c);
      navigate({ to: '/c/$conversationId', params: { conversationId: c.id } });
      onClose();
    } catch (error) {
      toast(errorText(t, error), 'error');
    }
  };
  return (
    <div className={classes.form}>
      {inboxes.all.length > 1 && (
        <Select
          size="xs"
          label={t('new.inbox')}
          data={inboxes.all.map((x) => ({ value: x.id, label: x.name }))}
          value={chosen ?? null}
          onChange={setInbox}
          allowDeselect={false}
          comboboxProps={{ withinPortal: false }}
        />
      )}
      <TextInput
        data-autofocus
        value={typed}
        onChange={(e) => setTyped(e.currentTarget.value)}
        placeholder={t('new.find')}
        aria-label={t('new.find')}
      />
      <div className={classes.foundList}>
        {found.isPending && <SkeletonRows rows={3} />}
        {found.isError && <ErrorState error={found.error} onRetry={() => found.refetch()} />}
        {found.data?.items.length === 0 && <EmptyState title={t('new.nobody')} text={t('new.nobody_text')} />}
        {found.data?.items.map((c) => (
          <button
            key={c.id}
            type="button"
            className={classes.found}
            onClick={() => start(c)}
            disabled={!chosen}
          >
            <Avatar name={c.name} color={c.color} src={c.avatar_url} size={30} />
            <span>
              {c.name}
              <br />
              <small>
                {c.identities
                  .map((i) => i.display)
                  .slice(0, 2)
                  .join(' · ')}
              </small>
            </span>
          </button>
        ))}
      </div>
    </div>
  );
}
