import { expect, it } from 'vitest';
import { move, targetIndex } from './reorder';

it('moves and closes the gap', () => {
  expect(move(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a']);
  expect(move(['a', 'b', 'c'], 2, 0)).toEqual(['c', 'a', 'b']);
  expect(move(['a', 'b'], 0, 2)).toEqual(['a', 'b']);
});

it.each([
  [0, 5, 0],
  [0, 35, 1],
  [0, 90, 2],
  [2, 5, 0],
  [2, 25, 1],
])('from %i at %i the target is %i', (from, y, want) => {
  expect(targetIndex([10, 30, 50], y, from)).toBe(want);
});
