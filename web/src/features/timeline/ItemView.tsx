import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconDots,
  IconMapPin,
  IconMoodSmile,
  IconNote,
  IconPuzzle,
  IconTrash,
  IconUser,
} from '@tabler/icons-react';
import { memo } from 'react';
import { useChannels, useMe, useUsers } from '@/api/reference';
import type { Item } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { ChannelIcon } from '@/ui';
import { CallCard } from './CallCard';
import { useTimelineActions } from './context';
import { EventLine } from './EventLine';
import { Files } from './Files';
import classes from './Item.module.css';
import { MarkedText } from './MarkedText';
import { safeUrl } from './marks';
import { Meta, StateLine } from './States';
import { useLongPress } from './useLongPress';

interface Props {
  item: Item;
  first: boolean;
  last: boolean;
  /** Whether to say which channel it came by. */
  channel?: boolean;
  group: boolean;
  lit: boolean;
}

/** One item of the timeline, whatever it is. */
export const ItemView = memo(function ItemView({ item, first, last, channel = first, group, lit }: Props) {
  const a = useTimelineActions();
  const press = useLongPress((x, y) => a.menu(item, x, y));
  if (item.kind === 'event') return <EventLine item={item} />;
  if (item.kind === 'call' || item.kind === 'voicemail') return <CallCard item={item} />;
  const side = item.kind === 'note' ? 'note' : item.direction === 'out' ? 'out' : 'in';
  return (
    <div className={classes.line} data-side={side} data-first={first || undefined}>
      <div
        className={classes.bubble}
        data-side={side}
        data-first={first || undefined}
        data-last={last || undefined}
        data-lit={lit || undefined}
        data-bare={
          (item.files.length === 1 &&
            item.files[0]?.kind === 'sticker' &&
            !item.content.text &&
            !item.deleted_at) ||
          undefined
        }
        {...press}
        onContextMenu={(e) => {
          // A selection or a link has a menu of the browser's own worth more.
          if ((e.target as HTMLElement).closest('a') || window.getSelection()?.toString()) return;
          e.preventDefault();
          a.menu(item, e.clientX, e.clientY);
        }}
      >
        {first && <Head item={item} group={group} channel={channel} />}
        <Body item={item} />
        <Meta item={item} />
        <StateLine item={item} />
      </div>
      {!item.deleted_at && <Tools item={item} />}
      <Reactions item={item} />
      {item.content.buttons && <Buttons item={item} />}
    </div>
  );
});

function Head({ item, group, channel: say }: { item: Item; group: boolean; channel: boolean }) {
  const { t } = useTranslation('timeline');
  const channels = useChannels();
  const me = useMe();
  const channel = say && item.channel_id ? channels.byId.get(item.channel_id) : undefined;
  if (item.kind === 'note') {
    return (
      <div className={classes.head}>
        <IconNote size={13} aria-hidden />
        {t('note', { name: item.author.name })}
      </div>
    );
  }
  const named =
    group || item.author.type === 'device' || (item.direction === 'out' && item.author.id !== me.user.id);
  const name =
    item.author.type === 'device'
      ? t('device')
      : item.author.type === 'system'
        ? t('automatic')
        : item.author.name;
  if (!channel && !named) return null;
  return (
    <div className={classes.head}>
      {channel && <ChannelIcon kind={channel.kind} size={13} decorative />}
      {channel && <span>{t(`common:channel.${channel.kind}`)}</span>}
      {named && name && (
        <span>
          {channel && '· '}
          {name}
        </span>
      )}
    </div>
  );
}

function Body({ item }: { item: Item }) {
  const { t } = useTranslation(['timeline', 'common']);
  const c = item.content;
  if (item.deleted_at) {
    return (
      <span className={classes.gone}>
        <IconTrash size={15} aria-hidden />{' '}
        {t(item.deleted_by === 'user' ? 'deleted.user' : 'deleted.contact')}
      </span>
    );
  }
  return (
    <>
      {c.forwarded !== undefined && (
        <div className={classes.forwarded}>
          <IconArrowForwardUp size={14} aria-hidden />{' '}
          {c.forwarded ? t('forwarded_from', { name: c.forwarded }) : t('forwarded')}
        </div>
      )}
      {item.reply_to && <Quote item={item} />}
      {item.files.length > 0 && <Files item={item} />}
      {c.pressed && <span className={classes.pressed}>{t('pressed', { text: c.pressed.text })}</span>}
      {c.template && !c.text && <MarkedText text={c.template.body ?? c.template.name} />}
      {c.text && c.text !== c.pressed?.text && <MarkedText text={c.text} marks={c.marks} />}
      {c.location && <Place item={item} />}
      {c.contacts?.map((card, i) => (
        <div key={i} className={classes.card}>
          <IconUser size={20} stroke={1.6} aria-hidden />
          <span>
            <b>{card.name || t('card')}</b>
            {card.phones?.map((p) => (
              <a key={p} href={`tel:${p.replace(/[^+\d]/g, '')}`}>
                {p}
              </a>
            ))}
            {card.emails?.map((m) => (
              <a key={m} href={`mailto:${m}`}>
                {m}
              </a>
            ))}
          </span>
        </div>
      ))}
      {c.unsupported && (
        <span className={classes.gone}>
          <IconPuzzle size={15} aria-hidden />{' '}
          {t([`unsupported.${c.unsupported}`, 'unsupported.other'], { what: c.unsupported })}
        </span>
      )}
    </>
  );
}

function Quote({ item }: { item: Item }) {
  const { t } = useTranslation(['timeline', 'common']);
  const { jump } = useTimelineActions();
  const q = item.reply_to;
  if (!q) return null;
  const words = q.text || (q.kind ? t(`common:files.${q.kind}`) : t('quoted'));
  return (
    <button
      type="button"
      className={classes.quote}
      disabled={!q.item_id}
      onClick={() => q.item_id && jump(q.item_id)}
      aria-label={t('quote', { text: words })}
    >
      {q.author && <b>{q.author}</b>}
      <span>{words}</span>
    </button>
  );
}

function Place({ item }: { item: Item }) {
  const { t } = useTranslation('timeline');
  const l = item.content.location;
  if (!l) return null;
  const at = `${l.latitude.toFixed(5)}, ${l.longitude.toFixed(5)}`;
  const url = `https://www.openstreetmap.org/?mlat=${l.latitude}&mlon=${l.longitude}#map=16/${l.latitude}/${l.longitude}`;
  return (
    <a className={classes.card} href={url} target="_blank" rel="noopener noreferrer">
      <IconMapPin size={20} stroke={1.6} aria-hidden />
      <span>
        <b>{l.title || t(l.live ? 'location.live' : 'location.title')}</b>
        <small>{l.address || at}</small>
      </span>
    </a>
  );
}

function Buttons({ item }: { item: Item }) {
  return (
    <div className={classes.buttons}>
      {item.content.buttons?.map((row, i) => (
        <div key={i}>
          {row.map((b, k) => {
            const url = b.kind === 'url' ? safeUrl(b.url) : undefined;
            return url ? (
              <a key={k} href={url} target="_blank" rel="noopener noreferrer">
                {b.text} ↗
              </a>
            ) : (
              <span key={k}>{b.text}</span>
            );
          })}
        </div>
      ))}
    </div>
  );
}

function Reactions({ item }: { item: Item }) {
  const { t } = useTranslation('timeline');
  const a = useTimelineActions();
  const users = useUsers();
  if (!item.reactions.length || item.deleted_at) return null;
  const by = new Map<string, Item['reactions']>();
  for (const r of item.reactions) by.set(r.emoji, [...(by.get(r.emoji) ?? []), r]);
  return (
    <div className={classes.reactions}>
      {[...by].map(([emoji, list]) => {
        const names = list
          .map((r) => (r.by === 'contact' ? t('customer') : (users.byId.get(r.user_id ?? '')?.name ?? '')))
          .join(', ');
        return (
          <button
            key={emoji}
            type="button"
            title={names}
            aria-label={t('reaction', { emoji, names })}
            data-mine={list.some((r) => r.by === 'user') || undefined}
            onClick={() => a.react(item, emoji)}
          >
            {emoji}
            {list.length > 1 && <span>{list.length}</span>}
          </button>
        );
      })}
    </div>
  );
}

function Tools({ item }: { item: Item }) {
  const { t } = useTranslation(['timeline', 'common']);
  const a = useTimelineActions();
  const channels = useChannels();
  const can = item.channel_id ? channels.byId.get(item.channel_id)?.capabilities : undefined;
  const at = (e: React.MouseEvent) => {
    const box = e.currentTarget.getBoundingClientRect();
    a.menu(item, box.left, box.bottom);
  };
  return (
    <div className={classes.tools}>
      {can?.reply && item.kind === 'message' && (
        <button
          type="button"
          tabIndex={-1}
          onClick={() => a.reply(item)}
          aria-label={t('menu.reply')}
          title={t('menu.reply')}
        >
          <IconArrowBackUp size={16} aria-hidden />
        </button>
      )}
      {can?.react && item.kind === 'message' && (
        <button type="button" tabIndex={-1} onClick={at} aria-label={t('menu.react')} title={t('menu.react')}>
          <IconMoodSmile size={16} aria-hidden />
        </button>
      )}
      <button
        type="button"
        tabIndex={-1}
        onClick={at}
        aria-label={t('common:action.more')}
        title={t('common:action.more')}
      >
        <IconDots size={16} aria-hidden />
      </button>
    </div>
  );
}
