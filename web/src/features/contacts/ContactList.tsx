import { Link } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { useTags } from '@/api/reference';
import type { Contact } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { Avatar, ChannelIcon, RelativeTime } from '@/ui';
import { paint } from '@/ui/paint';
import css from './contacts.module.css';

interface Props {
  contacts: Contact[];
  dimmed: boolean;
  loading: boolean;
  /** Reads the next page, if there is one and it is not under way. */
  more?: () => void;
}

const rowHeight = 58;

/** Rows of contacts, only those in sight in the page; arrows, Home and End walk through them. */
export function ContactList({ contacts, dimmed, loading, more }: Props) {
  const { t } = useTranslation('contacts');
  const scroll = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: contacts.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    getItemKey: (i) => contacts[i]?.id ?? i,
    overscan: 10,
  });
  const last = rows.getVirtualItems().at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && last >= contacts.length - 15) more();
  }, [last, contacts.length, more]);
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const at = Number((document.activeElement as HTMLElement | null)?.dataset.index ?? -1);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: contacts.length - 1 }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    const index = Math.max(0, Math.min(to, contacts.length - 1));
    rows.scrollToIndex(index);
    requestAnimationFrame(() =>
      scroll.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus(),
    );
  };
  return (
    <div ref={scroll} className={css.scroll} style={{ opacity: dimmed ? 0.6 : 1 }}>
      <ul
        className={css.rows}
        style={{ height: rows.getTotalSize() }}
        aria-label={t('list')}
        onKeyDown={onKeyDown}
      >
        {rows.getVirtualItems().map((row) => {
          const contact = contacts[row.index];
          return (
            contact && (
              <li
                key={row.key}
                className={css.rowAt}
                style={{ transform: `translateY(${row.start}px)` }}
                aria-setsize={contacts.length}
                aria-posinset={row.index + 1}
              >
                <ContactRow contact={contact} index={row.index} />
              </li>
            )
          );
        })}
      </ul>
      {loading && (
        <div className={css.more} role="status">
          {t('more')}
        </div>
      )}
    </div>
  );
}

function ContactRow({ contact, index }: { contact: Contact; index: number }) {
  const { t } = useTranslation('contacts');
  const tags = useTags();
  const own = contact.tag_ids.flatMap((id) => tags.byId.get(id) ?? []);
  const phone = contact.identities.find((i) => i.kind === 'phone');
  const rest = contact.identities.filter((i) => i !== phone && i.kind !== 'phone');
  const reach = phone?.display || rest.find((i) => i.display)?.display;
  const kinds = [...new Set(contact.identities.map((i) => i.kind))];
  return (
    <Link
      to="/contacts/$contactId"
      params={{ contactId: contact.id }}
      className={css.row}
      data-index={index}
      preload={false}
    >
      <Avatar name={contact.name} color={contact.color} src={contact.avatar_url} size={36} />
      <span className={css.who}>
        <b>
          {contact.name}
          {contact.blocked && <span className={css.blockedMark}>{t('blocked')}</span>}
        </b>
        {contact.company && <span>{contact.company}</span>}
      </span>
      <span className={css.reach}>
        {reach && <span className={css.address}>{reach}</span>}
        <span className={css.kinds}>
          {kinds.map((kind) => (
            <ChannelIcon key={kind} kind={kind} size={15} />
          ))}
        </span>
      </span>
      <span className={css.tags}>
        {own.slice(0, 3).map((tag) => (
          <span key={tag.id} className={css.tag}>
            <i style={{ background: paint(tag.color) }} />
            {tag.name}
          </span>
        ))}
      </span>
      <span className={css.count}>
        {!!contact.conversations && t('conversations', { count: contact.conversations })}
      </span>
      <span className={css.seen}>
        {contact.last_seen_at ? <RelativeTime at={contact.last_seen_at} /> : t('never')}
      </span>
    </Link>
  );
}
