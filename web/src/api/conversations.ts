import { infiniteQueryOptions, type QueryClient, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { api } from './client';
import { keys } from './keys';
import { cachedConversation, patchConversation, upsertConversation } from './live/apply';
import type { Conversation, Counts, Filter, ID, List, Me, Status, Target } from './types';

const pageSize = 100;

export function conversationListQuery(filter: Filter) {
  return infiniteQueryOptions({
    queryKey: keys.conversationList(filter),
    queryFn: ({ pageParam, signal }) =>
      api.get<List<Conversation>>(
        '/conversations',
        { ...filter, cursor: pageParam, limit: pageSize },
        { signal },
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
    // Another tab's list may have changed unseen by this filter's cache: shown at once, then read again.
    staleTime: 60_000,
    refetchOnMount: true,
  });
}

export const useConversationList = (filter: Filter) => useInfiniteQuery(conversationListQuery(filter));

export const countsQuery = {
  queryKey: keys.counts,
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    api.get<Counts>('/conversations/counts', undefined, { signal }),
};

export const useCounts = () => useQuery(countsQuery);

/** One conversation; what the list knows is shown until the answer is there. */
export function conversationQuery(client: QueryClient, id: ID) {
  return {
    queryKey: keys.conversation(id),
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      api.get<Conversation>(`/conversations/${id}`, undefined, { signal }),
    placeholderData: () => cachedConversation(client, id),
  };
}

/** Every way to reach the contact of a conversation. */
export function targetsQuery(id: ID) {
  return {
    queryKey: keys.targets(id),
    queryFn: async ({ signal }: { signal: AbortSignal }) =>
      (await api.get<List<Target>>(`/conversations/${id}/targets`, undefined, { signal })).items,
    staleTime: 60_000,
  };
}

export interface ConversationPatch {
  status?: Status;
  snoozed_until?: string;
  assignee_id?: ID | null;
  team_id?: ID | null;
  inbox_id?: ID;
  note?: string;
}

/** What the conversation will look like once the server agrees. */
export function patched(c: Conversation, p: ConversationPatch): Conversation {
  const next = { ...c };
  if (p.status) {
    next.status = p.status;
    if (p.status !== 'snoozed') next.snoozed_until = undefined;
    if (p.status === 'resolved') next.waiting_since = undefined;
  }
  if (p.snoozed_until) next.snoozed_until = p.snoozed_until;
  if (p.assignee_id !== undefined) next.assignee_id = p.assignee_id ?? undefined;
  if (p.team_id !== undefined) next.team_id = p.team_id ?? undefined;
  if (p.inbox_id) next.inbox_id = p.inbox_id;
  return next;
}

/** Changes a conversation at once and takes it back if the server refuses. */
export async function changeConversation(
  client: QueryClient,
  id: ID,
  p: ConversationPatch,
): Promise<Conversation> {
  const me = client.getQueryData<Me>(keys.me)?.user.id ?? '';
  const before = cachedConversation(client, id);
  if (before) upsertConversation(client, patched(before, p), me);
  try {
    const answer = await api.patch<Conversation>(`/conversations/${id}`, p);
    upsertConversation(client, answer, me);
    return answer;
  } catch (error) {
    if (before) upsertConversation(client, before, me);
    throw error;
  }
}

export async function changeMany(client: QueryClient, ids: ID[], p: ConversationPatch): Promise<void> {
  await api.post('/conversations/bulk', { ids, patch: p });
  client.invalidateQueries({ queryKey: [...keys.conversations, 'list'] });
  client.invalidateQueries({ queryKey: keys.counts });
}

export async function markUnread(client: QueryClient, id: ID): Promise<void> {
  await api.post(`/conversations/${id}/unread`);
  patchConversation(client, id, (c) => ({ ...c, unread: Math.max(1, c.unread) }));
}
