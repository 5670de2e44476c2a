import { describe, expect, it } from 'vitest';
import { conversation } from '@/test/make';
import { flatten, type ListData, matches, patchInPlace, place } from './conversation-list';
import type { Conversation, Filter } from './types';

const at = (minute: number) => `2026-11-24T10:${String(minute).padStart(2, '0')}:00.000Z`;
const row = (id: string, minute: number, part: Partial<Conversation> = {}) =>
  conversation({ id, last_at: at(minute), ...part });
const data = (pages: Conversation[][], more: boolean): ListData => ({
  pages: pages.map((items, i) => ({ items, next: i < pages.length - 1 || more ? `c${i}` : undefined })),
  pageParams: pages.map((_, i) => (i ? `c${i - 1}` : undefined)),
});
const ids = (d: ListData) => flatten(d).map((c) => c.id);

describe('matches', () => {
  const cases: [string, Partial<Conversation>, Filter, boolean][] = [
    ['mine', { assignee_id: 'me' }, { scope: 'mine' }, true],
    ['not mine', { assignee_id: 'you' }, { scope: 'mine' }, false],
    ['unassigned', {}, { scope: 'unassigned' }, true],
    ['taken', { assignee_id: 'me' }, { scope: 'unassigned' }, false],
    ['mentioned', { mentioned: true }, { scope: 'mentions' }, true],
    ['open by default', { status: 'pending' }, {}, true],
    ['resolved is hidden', { status: 'resolved' }, {}, false],
    ['resolved asked for', { status: 'resolved' }, { status: 'resolved' }, true],
    ['any state', { status: 'snoozed' }, { status: 'any' }, true],
    ['tag', { tag_ids: ['7'] }, { tag_id: '7' }, true],
    ['other tag', { tag_ids: ['8'] }, { tag_id: '7' }, false],
    ['channel', { channel_kinds: ['max'] }, { channel_kind: 'telegram' }, false],
    ['unread', { unread: 2 }, { unread: true }, true],
    ['read', { unread: 0 }, { unread: true }, false],
    ['waiting', { waiting_since: at(1) }, { waiting: true }, true],
    ['answered', {}, { waiting: true }, false],
  ];
  for (const [name, part, filter, want] of cases) {
    it(name, () => expect(matches(conversation(part), filter, 'me')).toBe(want));
  }
});

describe('place', () => {
  it('moves a row with a new word to the top, across pages', () => {
    const before = data(
      [
        [row('a', 9), row('b', 8)],
        [row('c', 7), row('d', 6)],
      ],
      true,
    );
    expect(ids(place(before, row('d', 30), {}, 'me'))).toEqual(['d', 'a', 'b', 'c']);
  });

  it('puts a row between its neighbours', () => {
    expect(ids(place(data([[row('a', 9), row('c', 5)]], false), row('b', 7), {}, 'me'))).toEqual([
      'a',
      'b',
      'c',
    ]);
  });

  it('leaves what belongs beyond the loaded end to the next page', () => {
    const before = data([[row('a', 9), row('b', 8)]], true);
    expect(ids(place(before, row('z', 1), {}, 'me'))).toEqual(['a', 'b']);
    expect(ids(place(data([[row('a', 9)]], false), row('z', 1), {}, 'me'))).toEqual(['a', 'z']);
  });

  it('takes out what no longer belongs', () => {
    expect(
      ids(place(data([[row('a', 9), row('b', 8)]], false), row('a', 9, { status: 'resolved' }), {}, 'me')),
    ).toEqual(['b']);
  });

  it('orders by who waits longest where asked', () => {
    const before = data(
      [[row('a', 9, { waiting_since: at(1) }), row('c', 9, { waiting_since: at(5) })]],
      false,
    );
    expect(ids(place(before, row('b', 20, { waiting_since: at(3) }), { sort: 'waiting' }, 'me'))).toEqual([
      'a',
      'b',
      'c',
    ]);
  });

  it('orders ids as numbers when two spoke at once', () => {
    expect(ids(place(data([[row('9', 5)]], false), row('10', 5), {}, 'me'))).toEqual(['10', '9']);
  });

  it('changes nothing when a strange row does not belong', () => {
    const before = data([[row('a', 9)]], true);
    expect(place(before, row('x', 99, { status: 'resolved' }), {}, 'me')).toBe(before);
  });
});

describe('patchInPlace', () => {
  it('keeps untouched pages as they were', () => {
    const before = data([[row('a', 9)], [row('b', 8)]], false);
    const after = patchInPlace(before, 'b', (c) => ({ ...c, unread: 3 }));
    expect(after.pages[0]).toBe(before.pages[0]);
    expect(flatten(after)[1]?.unread).toBe(3);
    expect(patchInPlace(before, 'nobody', (c) => ({ ...c }))).toBe(before);
  });
});
