import type { Filter } from '@/api/types';

/** A filter as a form holds it: an empty string is "any". */
export interface FilterValues {
  scope: string;
  status: string;
  inbox_id: string;
  channel_kind: string;
  team_id: string;
  assignee_id: string;
  tag_id: string;
  sort: string;
  unread: boolean;
  waiting: boolean;
}

export function valuesOf(filter: Filter): FilterValues {
  return {
    scope: filter.scope ?? 'all',
    status: filter.status ?? 'active',
    inbox_id: filter.inbox_id ?? '',
    channel_kind: filter.channel_kind ?? '',
    team_id: filter.team_id ?? '',
    assignee_id: filter.assignee_id ?? '',
    tag_id: filter.tag_id ?? '',
    sort: filter.sort ?? 'recent',
    unread: filter.unread ?? false,
    waiting: filter.waiting ?? false,
  };
}

/** What is "any" or the default is left out. */
export function filterOf(values: FilterValues): Filter {
  const entries = Object.entries(values).filter(([key, value]) => {
    if (value === '' || value === false) return false;
    return !((key === 'status' && value === 'active') || (key === 'sort' && value === 'recent'));
  });
  return Object.fromEntries(entries) as Filter;
}
