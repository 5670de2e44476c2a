import { compareIds } from './ids';
import type { ID, Item } from './types';

/** The part of a conversation's items that is loaded: oldest first, without gaps. */
export interface Window {
  items: Item[];
  has_before: boolean;
  has_after: boolean;
}

function newer(a: Item, b: Item): Item {
  // An answer that was under way while an event arrived may be older than what the event brought.
  return rank(b) >= rank(a) || b.state !== a.state ? b : a;
}

function rank(i: Item): number {
  return Math.max(Date.parse(i.edited_at ?? i.at), i.deleted_at ? Date.parse(i.deleted_at) : 0);
}

const standing = (a: Item, b: Item): number => compareIds(a.place ?? a.id, b.place ?? b.id);

/** Joins a page to the window; the same item twice is kept once, the page's copy winning. */
export function joinPage(window: Window, page: Window, side: 'before' | 'after'): Window {
  const known = new Set(page.items.map((i) => i.id));
  const rest = window.items.filter((i) => !known.has(i.id));
  return side === 'before'
    ? { items: [...page.items, ...rest], has_before: page.has_before, has_after: window.has_after }
    : { items: [...rest, ...page.items], has_before: window.has_before, has_after: page.has_after };
}

/**
 * Puts a new or changed item into the window. A new one, or one that was sent later than it was
 * written, goes where its place says; beyond the window's loaded end (has_after) it is left out,
 * since a gap would lie before it.
 */
export function mergeItem(window: Window, item: Item): Window {
  const at = window.items.findIndex((i) => i.id === item.id);
  if (at >= 0) {
    const known = window.items[at] as Item;
    const items = window.items.slice();
    items[at] = newer(known, item);
    if (standing(known, items[at] as Item) === 0) return { ...window, items };
    return mergeItem({ ...window, items: window.items.toSpliced(at, 1) }, item);
  }
  const last = window.items.at(-1);
  if (!last || standing(item, last) > 0) {
    return window.has_after ? window : { ...window, items: [...window.items, item] };
  }
  const first = window.items[0] as Item;
  if (standing(item, first) < 0 && window.has_before) return window;
  const index = window.items.findIndex((i) => standing(item, i) < 0);
  return { ...window, items: [...window.items.slice(0, index), item, ...window.items.slice(index)] };
}

/** Only a change: an item that is not loaded stays so. */
export function updateItem(window: Window, item: Item): Window {
  return window.items.some((i) => i.id === item.id) ? mergeItem(window, item) : window;
}

export const hasItem = (window: Window | undefined, id: ID): boolean =>
  !!window?.items.some((i) => i.id === id);
