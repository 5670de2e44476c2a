import { describe, expect, it } from 'vitest';
import { clientId, Timeline } from '../src/core/timeline';
import type { Batch, Entry } from '../src/core/types';

const entry = (seq: number, more: Partial<Entry> = {}): Entry => ({ seq, id: `m${seq}`, kind: 'message', own: true, at: '2026-11-24T10:00:00Z', text: `${seq}`, ...more });
const batch = (entries: Entry[], more = false): Batch => ({ type: 'batch', entries, more, read: 0, delivered: 0, agent_read: 0 });

describe('timeline', () => {
  it('resumes after what the stream brought, not after what the visitor sent', () => {
    const t = new Timeline();
    t.stream(batch([entry(1), entry(2)]));
    t.single(entry(5, { own: false, id: 'v.x' })); // 3 and 4 are not here yet
    expect(t.seq).toBe(2);
    expect(t.messages.map((m) => m.seq)).toEqual([1, 2, 5]);
    t.stream(batch([entry(3), entry(4), entry(5, { own: false, id: 'v.x' })]));
    expect(t.seq).toBe(5);
    expect(t.messages.map((m) => m.seq)).toEqual([1, 2, 3, 4, 5]);
  });

  it('shows an entry once, however often it comes', () => {
    const t = new Timeline();
    for (let i = 0; i < 3; i++) t.stream(batch([entry(1), entry(2)]));
    t.history(batch([entry(1), entry(2)]));
    expect(t.messages.length).toBe(2);
  });

  it('applies changes, also to history that is loaded later', () => {
    const t = new Timeline();
    t.history(batch([entry(10), entry(11, { kind: 'edit', ref: 'm3', text: 'edited' }), entry(12, { kind: 'reaction', ref: 'm3', emoji: '👍' }), entry(13, { kind: 'deletion', ref: 'm4' })], true));
    expect(t.older).toBe(true);
    t.history(batch([entry(3), entry(4), entry(5)]));
    expect(t.older).toBe(false);
    expect(t.get('m3')).toMatchObject({ text: 'edited', edited: true, reaction: '👍' });
    expect(t.get('m4')).toMatchObject({ deleted: true, text: undefined });
    expect(t.seq).toBe(13);
    t.stream(batch([entry(14, { kind: 'reaction', ref: 'm3', emoji: '' }), entry(15, { kind: 'press', ref: 'm10', own: false, text: 'Yes', id: 'v.p' })]));
    expect(t.get('m3')?.reaction).toBeUndefined();
    expect(t.get('m10')?.pressed).toBe('Yes');
    expect(t.messages.at(-1)?.kind).toBe('press');
  });

  it('knows the id that the browser gave', () => {
    expect(clientId('visitor.abc-1')).toBe('abc-1');
  });
});
