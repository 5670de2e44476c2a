import type { ID } from './types';

/** Orders ids as the numbers they are (int64 does not fit a JavaScript number). */
export function compareIds(a: ID, b: ID): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

export const newerId = (a: ID, b: ID): ID => (compareIds(a, b) >= 0 ? a : b);

/** The id some places before another, but not before the floor. */
export function stepBack(id: ID, by: number, floor: ID): ID {
  return newerId(String(BigInt(id) > BigInt(by) ? BigInt(id) - BigInt(by) : 0n), floor);
}
