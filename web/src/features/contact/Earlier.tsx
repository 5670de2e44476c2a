import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '@/api/client';
import { keys } from '@/api/keys';
import { useInboxes } from '@/api/reference';
import type { Contact, Conversation, List } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { RelativeTime } from '@/ui';
import { Block } from './Block';
import classes from './ContactPane.module.css';

export function Earlier({ contact, current }: { contact: Contact; current: string }) {
  const { t } = useTranslation(['contact', 'common', 'conversations']);
  const inboxes = useInboxes();
  const query = useQuery({
    queryKey: keys.contactConversations(contact.id),
    queryFn: ({ signal }) =>
      api.get<List<Conversation>>(`/contacts/${contact.id}/conversations`, undefined, { signal }),
    staleTime: 60_000,
  });
  const others = query.data?.items.filter((c) => c.id !== current) ?? [];
  if (!others.length) return null;
  return (
    <Block title={t('earlier')}>
      {others.slice(0, 6).map((c) => (
        <Link
          key={c.id}
          to="/c/$conversationId"
          params={{ conversationId: c.id }}
          className={classes.earlier}
        >
          <span>
            <RelativeTime at={c.last_at} /> ·{' '}
            {c.channel_kinds.map((k) => t(`common:channel.${k}`)).join(', ')} ·{' '}
            {inboxes.byId.get(c.inbox_id)?.name}
          </span>
          <small>
            {c.preview.text ||
              (c.preview.attachment && t(`common:files.${c.preview.attachment}`)) ||
              t(`conversations:status.${c.status}`)}
          </small>
        </Link>
      ))}
    </Block>
  );
}
