import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api } from '@/api/client';
import { flatten, type ListData } from '@/api/conversation-list';
import { keys } from '@/api/keys';
import type { Contact, Conversation, List, SearchHit } from '@/api/types';
import { matches } from './layout';

export interface Found {
  contacts: Contact[];
  conversations: Conversation[];
  messages: SearchHit[];
  pending: boolean;
  failed: boolean;
}

/** What the server and the lists at hand know about a query: at once what is here, then the rest. */
export function useFound(query: string): Found {
  const client = useQueryClient();
  const [q] = useDebouncedValue(query.trim(), 160);
  const enabled = [...q].length >= 2;
  const contacts = useQuery({
    queryKey: ['palette', 'contacts', q],
    queryFn: ({ signal }) => api.get<List<Contact>>('/contacts', { q, limit: 5 }, { signal }),
    placeholderData: keepPreviousData,
    staleTime: 15_000,
    enabled,
  });
  const messages = useQuery({
    queryKey: ['palette', 'messages', q],
    queryFn: ({ signal }) =>
      api.get<List<SearchHit>>('/search', { q, kind: 'message', limit: 6 }, { signal }),
    placeholderData: keepPreviousData,
    staleTime: 15_000,
    enabled,
  });
  const conversations = useMemo(() => {
    if (!enabled) return [];
    const known = new Map<string, Conversation>();
    for (const [, data] of client.getQueriesData<ListData>({ queryKey: [...keys.conversations, 'list'] })) {
      for (const c of flatten(data)) known.set(c.id, c);
    }
    return [...known.values()].filter((c) => matches(q, c.title ?? c.contact.name)).slice(0, 5);
  }, [client, enabled, q]);
  return {
    contacts: enabled ? (contacts.data?.items ?? []) : [],
    conversations,
    messages: enabled ? (messages.data?.items ?? []) : [],
    pending: enabled && (contacts.isFetching || messages.isFetching),
    failed: enabled && contacts.isError && messages.isError,
  };
}
