// One message as a bubble.
import { useState } from 'preact/hooks';
import { clock } from '../core/format';
import { errorText, type Key } from '../core/i18n';
import type { Queued } from '../core/queue';
import type { Message } from '../core/timeline';
import type { Card, FileKind, Quote } from '../core/types';
import { useFrame } from './context';
import { Icon, type IconName } from './icons';
import { Files, type ShownFile } from './media';
import { Rich, safeURL } from './rich';

/** A message as it is drawn: one of the log, or one that waits. */
export interface Row extends Message {
  waiting?: Queued;
  shown?: ShownFile[];
  /** It begins or ends a group of one author's messages. */
  first: boolean;
  last: boolean;
}

const kinds: Partial<Record<FileKind, Key>> = { image: 'photo', animation: 'photo', sticker: 'photo', video: 'video', voice: 'voice', audio: 'audio' };

export function Bubble({ row, onImage }: { row: Row; onImage: (f: ShownFile) => void }) {
  const { chat, t } = useFrame();
  const mine = !row.own;
  const bare = !row.text && !row.quote && !row.contacts && !row.location && !!row.files?.length && row.files.every((f) => ['image', 'animation', 'sticker'].includes(f.kind));
  const classes = ['row', mine ? 'mine' : 'theirs', row.first ? 'first' : '', row.last ? 'last' : ''].join(' ');
  const name = row.author || t('agent');
  return (
    <li class={classes} id={`m-${row.id}`}>
      {!mine && <span class="avatar" aria-hidden="true">{row.last ? initials(row.author) ?? <Icon name="person" size={16} /> : ''}</span>}
      <div class="stack">
        {!mine && row.first && row.author && <span class="author">{row.author}</span>}
        <div class={bare ? 'bubble bare' : 'bubble'}>
          <span class="sr">{mine ? t('you') : name}: </span>
          {row.deleted ? (
            <span class="gone">{t('deleted')}</span>
          ) : (
            <>
              {row.quote && <QuoteView quote={row.quote} />}
              {!!row.shown?.length && <Files files={row.shown} onImage={onImage} />}
              {row.location && <Place at={row.location} />}
              {row.contacts?.map((c, i) => <CardView key={i} card={c} own={row.profile} />)}
              {row.text && (
                <div class="text" dir="auto">
                  <Rich text={row.text} marks={row.marks} />
                </div>
              )}
            </>
          )}
          <Foot row={row} />
          {row.reaction && <span class="reaction">{row.reaction}</span>}
        </div>
        {row.waiting?.error !== undefined && <Failed item={row.waiting} />}
        {!!row.buttons?.length && <Buttons row={row} />}
      </div>
      {!row.deleted && !row.waiting && row.kind === 'message' && (
        <button type="button" class="round small reply-btn" aria-label={t('reply')} title={t('reply')} onClick={() => chat.reply(row)}>
          <Icon name="reply" size={16} />
        </button>
      )}
    </li>
  );
}

export function initials(name: string | undefined): string | undefined {
  const letters = name?.match(/[\p{L}\p{N}]+/gu)?.slice(0, 2).map((w) => [...w][0]).join('').toUpperCase();
  return letters || undefined;
}

function Foot({ row }: { row: Row }) {
  const { chat, t } = useFrame();
  let icon: IconName | undefined;
  let label: Key | undefined;
  if (!row.own && !row.deleted) {
    const read = row.seq > 0 && row.seq <= (chat.session?.agent_read ?? 0);
    if (row.waiting?.error !== undefined) [icon, label] = ['alert', 'failed'];
    else if (row.waiting) [icon, label] = ['clock', 'waiting'];
    else [icon, label] = read ? ['checks', 'readState'] : ['check', 'sent'];
  }
  return (
    <span class="foot">
      {row.edited && <span>{t('edited')}</span>}
      <time dateTime={new Date(row.at).toISOString()}>{clock(row.at, chat.lang)}</time>
      {icon && label && (
        <span class={`state ${label}`} title={t(label)}>
          <Icon name={icon} size={15} />
          <span class="sr">{t(label)}</span>
        </span>
      )}
    </span>
  );
}

function Failed({ item }: { item: Queued }) {
  const { chat, t } = useFrame();
  return (
    <div class="failed" role="alert">
      <span>{errorText(t, item.error ?? '')}</span>
      <button type="button" onClick={() => chat.queue.retry(item.id)}>{t('retry')}</button>
      <button type="button" onClick={() => chat.queue.drop(item.id)}>{t('discard')}</button>
    </div>
  );
}

export function quoteText(q: Quote, t: (k: Key) => string): string {
  return q.text || t((q.kind && kinds[q.kind]) || 'file');
}

function QuoteView({ quote }: { quote: Quote }) {
  const { chat, t } = useFrame();
  const deleted = chat.timeline.get(quote.id)?.deleted;
  const jump = () => document.getElementById(`m-${quote.id}`)?.scrollIntoView({ block: 'center', behavior: 'smooth' });
  return (
    <button type="button" class="quote" onClick={jump}>
      <b>{quote.own ? chat.timeline.get(quote.id)?.author || t('agent') : t('you')}</b>
      <span>{deleted ? t('deleted') : quoteText(quote, t)}</span>
    </button>
  );
}

function Place({ at }: { at: NonNullable<Message['location']> }) {
  const { t } = useFrame();
  const url = `https://www.openstreetmap.org/?mlat=${at.latitude}&mlon=${at.longitude}#map=16/${at.latitude}/${at.longitude}`;
  return (
    <a class="doc" href={url} target="_blank" rel="noopener noreferrer">
      <span class="doc-ic"><Icon name="pin" /></span>
      <span class="doc-text">
        <span class="doc-name">{at.title || t('location')}</span>
        <span class="meta">{at.address || `${at.latitude.toFixed(5)}, ${at.longitude.toFixed(5)}`}</span>
      </span>
    </a>
  );
}

function CardView({ card, own }: { card: Card; own?: boolean }) {
  const { t } = useFrame();
  return (
    <div class="doc">
      <span class="doc-ic"><Icon name="person" /></span>
      <span class="doc-text">
        <span class="doc-name">{card.name || (own ? t('yourDetails') : card.phones?.[0] || card.emails?.[0])}</span>
        {card.phones?.map((p) => <a key={p} href={`tel:${p.replace(/[^+\d]/g, '')}`}>{p}</a>)}
        {card.emails?.map((e) => <a key={e} href={`mailto:${e}`}>{e}</a>)}
      </span>
    </div>
  );
}

function Buttons({ row }: { row: Row }) {
  const { chat, t } = useFrame();
  const [asking, ask] = useState(false);
  const [phone, setPhone] = useState('');
  return (
    <div class="buttons">
      {row.buttons?.map((line, r) => (
        <div class="buttons-row" key={r}>
          {line.map((b, c) => {
            const url = b.kind === 'url' ? safeURL(b.url) : undefined;
            if (url) return <a key={c} class="btn" href={url} target="_blank" rel="noopener noreferrer">{b.text} <Icon name="link" size={14} /></a>;
            const pressed = row.pressed === b.text;
            return (
              <button key={c} type="button" class={pressed ? 'btn pressed' : 'btn'} aria-pressed={pressed}
                onClick={() => (b.kind === 'request_phone' ? ask(!asking) : chat.press(row, r, c))}>
                {b.text}
              </button>
            );
          })}
        </div>
      ))}
      {asking && (
        <form class="inline" onSubmit={(e) => {
          e.preventDefault();
          if (!phone.trim()) return;
          ask(false);
          void chat.submitForm({ phone: phone.trim() }, false);
        }}>
          <input type="tel" autocomplete="tel" aria-label={t('sharePhone')} placeholder={t('sharePhone')} value={phone} onInput={(e) => setPhone(e.currentTarget.value)} />
          <button type="submit" class="round primary" aria-label={t('submit')}><Icon name="send" size={18} /></button>
        </form>
      )}
    </div>
  );
}
