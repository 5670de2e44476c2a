import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { useViews } from '@/api/reference';
import type { Filter } from '@/api/types';
import { type ListSearch, narrowing, toFilter } from '@/app/list-search';

export type Tab = 'mine' | 'unassigned' | 'all' | 'mentions';
export const tabs: Tab[] = ['mine', 'unassigned', 'all', 'mentions'];

/** What the address says to show, and how to change it. */
export function useList() {
  const search = useSearch({ strict: false }) as ListSearch;
  const { conversationId } = useParams({ strict: false }) as { conversationId?: string };
  const navigate = useNavigate();
  const views = useViews();
  const view = search.view ? views.byId.get(search.view) : undefined;
  const filter = useMemo(
    () => toFilter(view ? { scope: 'all', ...view.filter, ...stripped(search) } : search),
    [view, search],
  );

  const show = useCallback(
    (next: ListSearch) => {
      navigate({
        to: conversationId ? '/c/$conversationId' : '/',
        params: conversationId ? { conversationId } : undefined,
        search: next,
        replace: true,
      } as never);
    },
    [navigate, conversationId],
  );
  return { search, filter, view, conversationId, show };
}

function stripped(search: ListSearch): ListSearch {
  const { view: _view, scope: _scope, item: _item, ...rest } = search;
  return rest;
}

/** How many narrowing filters are on. */
export function countNarrowing(filter: Filter): number {
  return narrowing.filter((key) => filter[key]).length;
}
