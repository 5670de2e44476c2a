// The list of messages.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { dayName, sameDay } from '../core/format';
import type { Queued } from '../core/queue';
import { clientId, type Message } from '../core/timeline';
import type { FileKind } from '../core/types';
import type { Chat } from './chat';
import { useFrame } from './context';
import { Icon } from './icons';
import { Lightbox, type ShownFile } from './media';
import { Bubble, type Row } from './message';

const groupFor = 3 * 60_000;
const nearEnd = 80; // px

/** Local pictures of files on their way, by file id. */
const previews = new Map<string, string>();

function preview(chat: Chat, id: string, mime: string): string | undefined {
  if (!/^(image|audio)\//.test(mime)) return undefined;
  if (!previews.has(id)) {
    previews.set(id, '');
    void chat.blobs.get(id).then((blob) => {
      if (!blob) return;
      previews.set(id, URL.createObjectURL(blob));
      chat.changed();
    });
  }
  return previews.get(id) || undefined;
}

function waitingRow(chat: Chat, q: Queued): Row {
  const shown = q.files?.map((f): ShownFile => {
    const kind: FileKind = f.kind === 'voice' ? 'voice' : /^image\/(png|jpeg|webp|gif|avif)/.test(f.mime) ? 'image' : f.mime.startsWith('audio/') ? 'audio' : 'document';
    return {
      id: f.id, kind, name: f.name, mime: f.mime, size: f.size, duration: f.duration, peaks: f.peaks,
      url: preview(chat, f.id, f.mime), progress: q.error === undefined ? (f.remote ? 1 : (chat.queue.progress.get(f.id) ?? 0)) : undefined,
    };
  });
  return {
    id: q.id, seq: 0, kind: q.press ? 'press' : 'message', own: false, at: q.at, text: q.text, quote: q.quote, waiting: q, shown, files: shown,
    contacts: q.profile && [{ name: q.profile.name, phones: q.profile.phone ? [q.profile.phone] : [], emails: q.profile.email ? [q.profile.email] : [] }],
    profile: !!q.profile, first: true, last: true,
  };
}

/** Everything there is to show, in groups. */
export function rows(chat: Chat): Row[] {
  const known = new Set(chat.timeline.messages.filter((m) => !m.own).map((m) => clientId(m.id)));
  const out: Row[] = [
    ...chat.timeline.messages.map((m: Message): Row => ({ ...m, shown: m.files, first: true, last: true })),
    ...chat.queue.items.filter((q) => !known.has(q.id)).map((q) => waitingRow(chat, q)),
  ];
  out.forEach((row, i) => {
    const before = out[i - 1];
    if (before && before.own === row.own && before.author === row.author && row.at - before.at < groupFor && sameDay(before.at, row.at) && !before.buttons?.length) {
      row.first = false;
      before.last = false;
    }
  });
  return out;
}

export function TimelineView() {
  const { chat, t } = useFrame();
  const box = useRef<HTMLDivElement>(null);
  const stuck = useRef(true);
  const height = useRef(0);
  const [away, setAway] = useState(false);
  const [image, setImage] = useState<ShownFile>();
  const list = rows(chat);
  const newest = list[list.length - 1]?.id;
  const oldest = list[0]?.id;
  const toEnd = () => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
  };
  // Older messages came in above: what was seen stays where it was.
  useLayoutEffect(() => {
    const b = box.current;
    if (b && !stuck.current && height.current) b.scrollTop += b.scrollHeight - height.current;
    height.current = 0;
  }, [oldest]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new last message is the reason
  useLayoutEffect(() => {
    const last = list[list.length - 1];
    if (stuck.current || (last && !last.own && last.waiting)) toEnd();
  }, [newest, chat.activity, chat.open]);
  useEffect(() => {
    const inner = box.current?.firstElementChild;
    if (!inner || typeof ResizeObserver === 'undefined') return;
    const watch = new ResizeObserver(() => stuck.current && toEnd());
    watch.observe(inner);
    if (box.current) watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  const greeting = chat.config.greeting[chat.lang] || t('empty');
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keys */}
      <div class="timeline" ref={box} tabIndex={0} role="region" aria-label={t('conversation')}
        onScroll={(e) => {
          const b = e.currentTarget;
          stuck.current = b.scrollHeight - b.scrollTop - b.clientHeight < nearEnd;
          setAway(!stuck.current);
          if (stuck.current) chat.reading.read();
        }}>
        <div class="inner">
          {chat.timeline.older && (
            <button type="button" class="older" disabled={chat.loading} onClick={() => {
              height.current = box.current?.scrollHeight ?? 0;
              stuck.current = false;
              void chat.loadOlder();
            }}>{t('older')}</button>
          )}
          {!chat.timeline.older && (
            <div class="hello"><span class="hello-mark" aria-hidden="true">👋</span><p dir="auto">{greeting}</p></div>
          )}
          <ol class="rows" aria-live="polite" aria-relevant="additions">
            {list.map((row, i) => {
              const before = list[i - 1];
              return [
                (!before || !sameDay(before.at, row.at)) && (
                  <li class="day" key={`d${row.id}`}><span>{dayName(row.at, Date.now(), chat.lang, t)}</span></li>
                ),
                <Bubble key={row.waiting ? row.id : clientId(row.id)} row={row} onImage={setImage} />,
              ];
            })}
          </ol>
          {chat.activity && (
            <div class="typing" role="status">
              <span class="dots" aria-hidden="true"><i /><i /><i /></span>
              <span class="sr">{t('agent')} {t(chat.activity === 'recording' ? 'recording' : chat.activity === 'sending_file' ? 'sendingFile' : 'typing')}</span>
            </div>
          )}
        </div>
      </div>
      {away && (
        <button type="button" class="round to-end" aria-label={t('newest')} onClick={toEnd}>
          <Icon name="down" />
          {chat.reading.unread.length > 0 && <span class="count">{chat.reading.unread.length}</span>}
        </button>
      )}
      {image && <Lightbox file={image} onClose={() => setImage(undefined)} />}
    </>
  );
}
