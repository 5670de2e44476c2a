import { describe, expect, it } from 'vitest';
import type { Outgoing } from '@/api/outbox';
import { conversation, item } from '@/test/make';
import { estimate, firstUnread, toRows } from './rows';

const at = (day: number, hour: number, minute = 0) => new Date(2026, 10, day, hour, minute).toISOString();
const out = (client_id: string): Outgoing => ({
  client_id,
  conversation_id: '1',
  note: false,
  content: { text: 'x' },
  files: [],
  at: at(24, 12),
  state: 'sending',
});

describe('toRows', () => {
  it('begins each day once', () => {
    const rows = toRows(
      [
        item({ id: '1', at: at(23, 10) }),
        item({ id: '2', at: at(23, 20) }),
        item({ id: '3', at: at(24, 9) }),
      ],
      [],
      undefined,
      false,
    );
    expect(rows.map((r) => r.kind)).toEqual(['day', 'item', 'item', 'day', 'item']);
  });

  it('draws an album as one message with the words that came with it', () => {
    const part = (id: string, text?: string) =>
      item({ id, album: 'a', content: { text }, files: [{ id: `f${id}` }] as never });
    const rows = toRows(
      [part('1'), part('2', 'look'), part('3'), item({ id: '4' })],
      [],
      undefined,
      false,
    ).filter((r) => r.kind === 'item');
    expect(rows.map((r) => [r.ids, r.item.content.text, r.item.files.length])).toEqual([
      [['1', '2', '3'], 'look', 3],
      [['4'], 'hello', 0],
    ]);
  });

  it('leaves out of an album what was deleted', () => {
    const part = (id: string, deleted_at?: string) => item({ id, album: 'a', deleted_at });
    const rows = toRows([part('1'), part('2', at(24, 11)), part('3')], [], undefined, false);
    expect(rows.filter((r) => r.kind === 'item')).toHaveLength(3);
  });

  it('draws the line above the first unread', () => {
    const rows = toRows(
      [item({ id: '1', at: at(24, 10) }), item({ id: '2', at: at(24, 10, 1) })],
      [],
      '2',
      false,
    );
    expect(rows.map((r) => r.key)).toEqual([expect.stringMatching(/^day/), '1', 'new', '2']);
  });

  it('joins what one person says in a breath, and says the channel when it changes', () => {
    const rows = toRows(
      [
        item({ id: '1', at: at(24, 10) }),
        item({ id: '2', at: at(24, 10, 2) }),
        item({ id: '3', at: at(24, 10, 3), channel_id: '2' }),
        item({ id: '4', at: at(24, 11), channel_id: '2' }),
      ],
      [],
      undefined,
      false,
    ).filter((r) => r.kind === 'item');
    expect(rows.map((r) => [r.first, r.last, r.channel])).toEqual([
      [true, false, true],
      [false, true, false],
      [true, true, true],
      [true, true, false],
    ]);
  });

  it('shows a sent message once, under the key it was born with', () => {
    const under = toRows([], [out('c1')], undefined, false);
    const there = toRows(
      [item({ id: '7', client_id: 'c1', direction: 'out', at: at(24, 12) })],
      [out('c1')],
      undefined,
      false,
    );
    expect(under.at(-1)?.key).toBe('c1');
    expect(there.filter((r) => r.key === 'c1')).toHaveLength(1);
    expect(there.some((r) => r.kind === 'outgoing')).toBe(false);
  });

  it('gives every row a key of its own and a height', () => {
    const rows = toRows(
      [item({ id: '1', at: at(23, 10) }), item({ id: '2', at: at(24, 10) })],
      [out('a'), out('b')],
      '2',
      true,
    );
    expect(new Set(rows.map((r) => r.key)).size).toBe(rows.length);
    for (const row of rows) expect(estimate(row)).toBeGreaterThan(20);
  });
});

describe('firstUnread', () => {
  const items = [
    item({ id: '1' }),
    item({ id: '2', direction: 'out' }),
    item({ id: '3' }),
    item({ id: '4', kind: 'event', direction: '' }),
    item({ id: '5' }),
  ];
  it('counts back over what the customer said', () => {
    expect(firstUnread(items, conversation({ unread: 2 }))).toBe('3');
    expect(firstUnread(items, conversation({ unread: 9 }))).toBe('1');
    expect(firstUnread(items, conversation({ unread: 0 }))).toBeUndefined();
  });
  it('believes the server where its item is loaded', () => {
    expect(firstUnread(items, conversation({ unread: 1, first_unread_id: '3' }))).toBe('3');
    expect(firstUnread(items, conversation({ unread: 1, first_unread_id: '99' }))).toBe('5');
  });
});
