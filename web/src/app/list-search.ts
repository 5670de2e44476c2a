import type { Filter } from '@/api/types';

/** What the list shows; kept in the address, so that a link, the back button and a reload keep it. */
export interface ListSearch extends Filter {
  view?: string;
  /** Jump to this item of the conversation. */
  item?: string;
}

const listKeys = [
  'scope',
  'status',
  'inbox_id',
  'channel_kind',
  'team_id',
  'assignee_id',
  'tag_id',
  'sort',
  'view',
  'item',
] as const;

export function listSearch(s: Record<string, unknown>): ListSearch {
  const out: Record<string, unknown> = {};
  for (const key of listKeys) if (s[key] !== undefined && s[key] !== '') out[key] = String(s[key]);
  if (s.unread === true || s.unread === 'true') out.unread = true;
  if (s.waiting === true || s.waiting === 'true') out.waiting = true;
  return out as ListSearch;
}

/** The filters besides the tab. */
export const narrowing = [
  'status',
  'inbox_id',
  'channel_kind',
  'team_id',
  'assignee_id',
  'tag_id',
  'unread',
  'waiting',
  'sort',
] as const;

/** Only what a filter holds, in one order, so that equal filters share one cache entry. */
export function toFilter(search: ListSearch): Filter {
  const out: Record<string, unknown> = { scope: search.scope ?? 'mine' };
  for (const key of narrowing) if (search[key]) out[key] = search[key];
  return out as Filter;
}
