import type { Outgoing } from '@/api/outbox';
import type { Conversation, ID, Item } from '@/api/types';
import { daysBetween } from '@/ui/time';

export type Row =
  | { key: string; kind: 'day'; at: string }
  | { key: string; kind: 'new' }
  | {
      key: string;
      kind: 'item';
      item: Item;
      /** All that the row stands for: an album's messages. */
      ids: ID[];
      first: boolean;
      last: boolean;
      channel: boolean;
    }
  | { key: string; kind: 'outgoing'; out: Outgoing; first: boolean }
  | { key: string; kind: 'typing' };

const together = 5 * 60_000;

/** Whether two neighbours are one breath of the same person. */
function sameBreath(a: Item, b: Item): boolean {
  return (
    a.kind === b.kind &&
    a.kind !== 'event' &&
    a.direction === b.direction &&
    a.channel_id === b.channel_id &&
    a.author.type === b.author.type &&
    a.author.id === b.author.id &&
    Math.abs(Date.parse(b.at) - Date.parse(a.at)) < together
  );
}

/** An album comes as a message for each picture; it is drawn as the one that the customer sent. */
function album(items: Item[]): Item {
  const said = items.find((i) => i.content.text) ?? items[0];
  return {
    ...(items[0] as Item),
    content: said?.content ?? {},
    files: items.flatMap((i) => i.files),
    reactions: items.flatMap((i) => i.reactions),
    edited_at: items.find((i) => i.edited_at)?.edited_at,
  };
}

/** Neighbours of one album together, everything else by itself. */
function joined(items: Item[], firstUnread: ID | undefined): Item[][] {
  const out: Item[][] = [];
  for (const item of items) {
    const last = out.at(-1)?.at(-1);
    const same =
      !!item.album &&
      item.album === last?.album &&
      item.chat_id === last.chat_id &&
      !item.deleted_at &&
      !last.deleted_at &&
      item.id !== firstUnread;
    if (same) out.at(-1)?.push(item);
    else out.push([item]);
  }
  return out;
}

/** A sent message keeps the key that it had while under way, so that it does not blink when its answer comes. */
const keyOf = (item: Item): string => item.client_id || item.id;

/** The timeline as it is drawn: days, the "new" line, items in breaths, what is under way, who types. */
export function toRows(
  items: Item[],
  outgoing: Outgoing[],
  firstUnread: ID | undefined,
  typing: boolean,
): Row[] {
  const rows: Row[] = [];
  const sent = new Set(items.map((i) => i.client_id).filter(Boolean));
  let before: Item | undefined;
  let channel: ID | undefined;
  const drawn = joined(items, firstUnread).map((list) => ({
    item: list.length > 1 ? album(list) : (list[0] as Item),
    ids: list.map((x) => x.id),
  }));
  drawn.forEach(({ item, ids }, i) => {
    const newDay = !before || daysBetween(new Date(before.at), new Date(item.at)) !== 0;
    if (newDay) rows.push({ key: `day-${item.at.slice(0, 10)}-${item.id}`, kind: 'day', at: item.at });
    const fresh = item.id === firstUnread;
    if (fresh) rows.push({ key: 'new', kind: 'new' });
    const next = drawn[i + 1]?.item;
    rows.push({
      key: keyOf(item),
      kind: 'item',
      item,
      ids,
      first: newDay || fresh || !before || !sameBreath(before, item),
      last: !next || !sameBreath(item, next),
      // Which way it came is said when it changes, and anew each day.
      channel: !!item.channel_id && (newDay || item.channel_id !== channel),
    });
    if (item.channel_id) channel = item.channel_id;
    before = item;
  });
  for (const out of outgoing) {
    if (sent.has(out.client_id)) continue;
    if (!before || daysBetween(new Date(before.at), new Date(out.at)) !== 0) {
      rows.push({ key: `day-${out.client_id}`, kind: 'day', at: out.at });
    }
    rows.push({ key: out.client_id, kind: 'outgoing', out, first: before?.direction !== 'out' });
    before = undefined;
  }
  if (typing) rows.push({ key: 'typing', kind: 'typing' });
  return rows;
}

/** Which item the reader has not seen: the server's word, or counted back from the end. */
export function firstUnread(
  items: Item[],
  c: Pick<Conversation, 'unread' | 'first_unread_id'>,
): ID | undefined {
  if (c.unread <= 0) return undefined;
  if (c.first_unread_id && items.some((i) => i.id === c.first_unread_id)) return c.first_unread_id;
  const incoming = items.filter((i) => i.direction === 'in' && i.kind !== 'event' && i.kind !== 'note');
  return (incoming.at(-c.unread) ?? incoming[0])?.id;
}

/** A first guess at a row's height, so that the bar hardly moves while the truth is measured. */
export function estimate(row: Row | undefined): number {
  if (!row) return 40;
  if (row.kind === 'day') return 38;
  if (row.kind === 'new') return 34;
  if (row.kind === 'typing') return 44;
  const item = row.kind === 'item' ? row.item : undefined;
  if (item?.kind === 'event') return 28;
  if (item?.kind === 'call' || item?.kind === 'voicemail') return 64;
  const text = row.kind === 'item' ? row.item.content.text : row.out.content.text;
  const files = row.kind === 'item' ? row.item.files : row.out.files;
  let height =
    36 + (text ? text.split('\n').reduce((n, l) => n + Math.max(1, Math.ceil(l.length / 62)), 0) * 20 : 0);
  for (const f of files)
    height +=
      f.kind === 'image' || f.kind === 'video' || f.kind === 'animation'
        ? files.length > 1
          ? 110
          : 240
        : 56;
  if (item?.reply_to) height += 42;
  if (item?.content.buttons) height += item.content.buttons.length * 36;
  if (item?.content.location) height += 70;
  return height;
}
