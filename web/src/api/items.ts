import type { QueryClient } from '@tanstack/react-query';
import { api } from './client';
import { keys } from './keys';
import { cachedConversation } from './live/apply';
import { joinPage, type Window } from './timeline-cache';
import type { Conversation, ID } from './types';

const firstPage = 60;
const morePage = 60;

type Read = (
  params: { before?: ID; after?: ID; around?: ID; limit: number },
  signal?: AbortSignal,
) => Promise<Window>;

const reader =
  (conversation: ID): Read =>
  (params, signal) =>
    api.get<Window>(`/conversations/${conversation}/items`, params, { signal });

/** The newest part; or, where more is unread than that holds, the part around the first unread. */
async function open(client: QueryClient, id: ID, signal?: AbortSignal): Promise<Window> {
  const read = reader(id);
  const known = cachedConversation(client, id);
  const latest = await read({ limit: firstPage }, signal);
  const unread = known?.unread ?? 0;
  if (unread < firstPage / 2 || !latest.has_before) return latest;
  const { first_unread_id: first } = await api.get<Conversation>(`/conversations/${id}`, undefined, {
    signal,
  });
  if (!first || latest.items.some((i) => i.id === first)) return latest;
  return read({ around: first, limit: firstPage }, signal);
}

export function itemsQuery(client: QueryClient, id: ID) {
  return {
    queryKey: keys.items(id),
    queryFn: ({ signal }: { signal: AbortSignal }) => open(client, id, signal),
  };
}

/** Called for a row someone is about to open. */
export function prefetchItems(client: QueryClient, id: ID): void {
  client.prefetchQuery(itemsQuery(client, id));
}

/** Reads on at one end of what is loaded. Concurrent events are kept: the page is joined to what is there by then. */
export async function readMore(client: QueryClient, id: ID, side: 'before' | 'after'): Promise<void> {
  const window = client.getQueryData<Window>(keys.items(id));
  const edge = side === 'before' ? window?.items[0] : window?.items.at(-1);
  if (!window || !edge || !(side === 'before' ? window.has_before : window.has_after)) return;
  const page = await reader(id)({ [side]: edge.id, limit: morePage });
  client.setQueryData<Window>(keys.items(id), (now) => (now ? joinPage(now, page, side) : page));
}

/** Makes sure that an item is loaded: jumps there when it is not. */
export async function jumpTo(client: QueryClient, id: ID, item: ID): Promise<void> {
  const window = client.getQueryData<Window>(keys.items(id));
  if (window?.items.some((i) => i.id === item)) return;
  await client.cancelQueries({ queryKey: keys.items(id) });
  const page = await reader(id)({ around: item, limit: firstPage });
  client.setQueryData<Window>(keys.items(id), page);
}

/** Back to the newest part after a jump. */
export async function jumpToLatest(client: QueryClient, id: ID): Promise<void> {
  if (!client.getQueryData<Window>(keys.items(id))?.has_after) return;
  const page = await reader(id)({ limit: firstPage });
  client.setQueryData<Window>(keys.items(id), page);
}
