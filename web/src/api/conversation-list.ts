import type { InfiniteData } from '@tanstack/react-query';
import { compareIds } from './ids';
import type { Conversation, Filter, ID, List } from './types';

export type ListData = InfiniteData<List<Conversation>, unknown>;

/** Whether a conversation belongs to a filtered list, as the server would decide. */
export function matches(c: Conversation, f: Filter, me: ID): boolean {
  if (f.scope === 'mine' && c.assignee_id !== me) return false;
  if (f.scope === 'unassigned' && c.assignee_id) return false;
  if (f.scope === 'mentions' && !c.mentioned) return false;
  const status = f.status ?? 'active';
  if (status === 'active') {
    if (c.status !== 'open' && c.status !== 'pending') return false;
  } else if (status !== 'any' && c.status !== status) return false;
  if (f.inbox_id && c.inbox_id !== f.inbox_id) return false;
  if (f.channel_kind && !c.channel_kinds.includes(f.channel_kind)) return false;
  if (f.team_id && c.team_id !== f.team_id) return false;
  if (f.assignee_id && c.assignee_id !== f.assignee_id) return false;
  if (f.tag_id && !c.tag_ids.includes(f.tag_id)) return false;
  if (f.unread && c.unread === 0) return false;
  return !(f.waiting && !c.waiting_since);
}

/** The list's order: newest word first, or who waits longest first. */
export function compare(a: Conversation, b: Conversation, sort: Filter['sort']): number {
  if (sort === 'waiting') {
    const wa = a.waiting_since ? Date.parse(a.waiting_since) : Number.POSITIVE_INFINITY;
    const wb = b.waiting_since ? Date.parse(b.waiting_since) : Number.POSITIVE_INFINITY;
    if (wa !== wb) return wa - wb;
  }
  const at = Date.parse(b.last_at) - Date.parse(a.last_at);
  return at !== 0 ? at : compareIds(b.id, a.id);
}

/** All rows loaded, each once. */
export function flatten(data: ListData | undefined): Conversation[] {
  if (!data) return [];
  const seen = new Set<ID>();
  const out: Conversation[] = [];
  for (const page of data.pages) {
    for (const c of page.items) {
      if (seen.has(c.id)) continue;
      seen.add(c.id);
      out.push(c);
    }
  }
  return out;
}

export function findIn(data: ListData | undefined, id: ID): Conversation | undefined {
  for (const page of data?.pages ?? []) for (const c of page.items) if (c.id === id) return c;
  return undefined;
}

/** Changes a row where it stands: for what must not move or drop it (read, draft). */
export function patchInPlace(data: ListData, id: ID, patch: (c: Conversation) => Conversation): ListData {
  let changed = false;
  const pages = data.pages.map((page) => {
    const index = page.items.findIndex((c) => c.id === id);
    const old = page.items[index];
    if (!old) return page;
    const next = patch(old);
    if (next === old) return page;
    changed = true;
    const items = page.items.slice();
    items[index] = next;
    return { ...page, items };
  });
  return changed ? { ...data, pages } : data;
}

/**
 * Puts a conversation where it now belongs in a list, or takes it out.
 * A row that would stand after everything loaded is left to the next page, which will bring it.
 */
export function place(data: ListData, c: Conversation, filter: Filter, me: ID): ListData {
  let had = false;
  const pages = data.pages.map((page) => {
    if (!page.items.some((x) => x.id === c.id)) return page;
    had = true;
    return { ...page, items: page.items.filter((x) => x.id !== c.id) };
  });
  if (!matches(c, filter, me)) return had ? { ...data, pages } : data;
  for (let p = 0; p < pages.length; p++) {
    const page = pages[p] as List<Conversation>;
    const index = page.items.findIndex((x) => compare(c, x, filter.sort) < 0);
    if (index >= 0) {
      pages[p] = { ...page, items: [...page.items.slice(0, index), c, ...page.items.slice(index)] };
      return { ...data, pages };
    }
  }
  const last = pages.at(-1);
  if (last && !last.next) {
    pages[pages.length - 1] = { ...last, items: [...last.items, c] };
    return { ...data, pages };
  }
  return had ? { ...data, pages } : data;
}
