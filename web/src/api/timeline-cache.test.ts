import { describe, expect, it } from 'vitest';
import { item } from '@/test/make';
import { compareIds, stepBack } from './ids';
import { joinPage, mergeItem, updateItem, type Window } from './timeline-cache';

const window = (ids: string[], part: Partial<Window> = {}): Window => ({
  items: ids.map((id) => item({ id })),
  has_before: false,
  has_after: false,
  ...part,
});
const ids = (w: Window) => w.items.map((i) => i.id);

describe('compareIds', () => {
  it('orders int64 in strings', () => {
    const sorted = ['9007199254740993', '10', '9', '9007199254740992'].sort(compareIds);
    expect(sorted).toEqual(['9', '10', '9007199254740992', '9007199254740993']);
  });
});

describe('stepBack', () => {
  it('stays above the floor and zero', () => {
    expect(stepBack('250', 100, '0')).toBe('150');
    expect(stepBack('250', 100, '240')).toBe('240');
    expect(stepBack('5', 100, '0')).toBe('0');
  });
});

describe('mergeItem', () => {
  it('appends a new item', () =>
    expect(ids(mergeItem(window(['1', '2']), item({ id: '3' })))).toEqual(['1', '2', '3']));
  it('puts a late one in its place', () =>
    expect(ids(mergeItem(window(['1', '3']), item({ id: '2' })))).toEqual(['1', '2', '3']));
  it('makes no gap at the end', () =>
    expect(ids(mergeItem(window(['1'], { has_after: true }), item({ id: '9' })))).toEqual(['1']));
  it('makes no gap at the start', () =>
    expect(ids(mergeItem(window(['5'], { has_before: true }), item({ id: '2' })))).toEqual(['5']));
  it('replaces a known one', () => {
    const after = mergeItem(window(['1']), item({ id: '1', state: 'read' }));
    expect(after.items).toHaveLength(1);
    expect(after.items[0]?.state).toBe('read');
  });
  it('moves one that was put off to where it was sent', () =>
    expect(ids(mergeItem(window(['1', '2', '3']), item({ id: '1', place: '4' })))).toEqual(['2', '3', '1']));
  it('starts an empty window', () => expect(ids(mergeItem(window([]), item({ id: '4' })))).toEqual(['4']));
});

describe('updateItem', () => {
  it('does not load what is not there', () =>
    expect(ids(updateItem(window(['1']), item({ id: '2' })))).toEqual(['1']));
});

describe('joinPage', () => {
  it('joins older items, each once, with what came meanwhile', () => {
    const now = window(['5', '6', '7'], { has_before: true });
    const joined = joinPage(now, window(['3', '4', '5'], { has_before: true, has_after: true }), 'before');
    expect(ids(joined)).toEqual(['3', '4', '5', '6', '7']);
    expect(joined).toMatchObject({ has_before: true, has_after: false });
  });
  it('joins newer items', () => {
    const joined = joinPage(
      window(['1', '2'], { has_before: true, has_after: true }),
      window(['3'], { has_before: true }),
      'after',
    );
    expect(ids(joined)).toEqual(['1', '2', '3']);
    expect(joined).toMatchObject({ has_before: true, has_after: false });
  });
});
