import { Link } from '@tanstack/react-router';
import { useChannels, useInboxes } from '@/api/reference';
import type { SearchHit } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { Avatar, RelativeTime } from '@/ui';
import { hitTarget } from './hits';
import { Snippet } from './Snippet';
import css from './search.module.css';

/** One hit: whose conversation, who said it, when, and the words around. */
export function HitRow({ hit }: { hit: SearchHit }) {
  const { t } = useTranslation('search');
  const inboxes = useInboxes();
  const channels = useChannels();
  const { contact, item } = hit;
  const kind = item?.channel_id ? channels.byId.get(item.channel_id)?.kind : undefined;
  const author = item && item.direction !== 'in' ? item.author.name : undefined;
  const inbox = hit.conversation && inboxes.byId.get(hit.conversation.inbox_id)?.name;
  const facts = [
    hit.kind === 'note' && t('note_mark'),
    author,
    inbox,
    hit.kind === 'contact' && contact.company,
  ];
  return (
    <Link {...hitTarget(hit)} className={css.hit} data-stop>
      <Avatar name={contact.name} color={contact.color} src={contact.avatar_url} size={34} channel={kind} />
      <span className={css.hitText}>
        <span className={css.hitHead}>
          <b>{contact.name}</b>
          <span className={css.who}>{facts.filter(Boolean).join(' · ')}</span>
          {hit.kind !== 'contact' && <RelativeTime at={hit.at} />}
        </span>
        <Snippet parts={hit.snippet} />
      </span>
    </Link>
  );
}
