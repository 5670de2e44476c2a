import type { QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { api, newKey } from './client';
import { ApiError } from './error';
import { keys } from './keys';
import { mergeItem, type Window } from './timeline-cache';
import type { Content, FileInfo, ID, Item } from './types';

/** A message or note on its way to our own server; shown at once at the end of the timeline. */
export interface Outgoing {
  client_id: string;
  conversation_id: ID;
  note: boolean;
  channel_id?: ID;
  chat_id?: ID;
  content: Content;
  files: FileInfo[];
  mentions?: ID[];
  reply_to?: Item['reply_to'];
  send_at?: string;
  at: string;
  state: 'sending' | 'waiting' | 'failed';
  error?: ApiError;
}

export type Draftable = Omit<Outgoing, 'client_id' | 'at' | 'state' | 'error'>;

let all: Outgoing[] = [];
const listeners = new Set<() => void>();
// One chain per conversation: what was said first arrives first.
const chains = new Map<ID, Promise<void>>();
let cachedFor = new Map<ID, { source: Outgoing[]; list: Outgoing[] }>();

function change(next: Outgoing[]): void {
  all = next;
  for (const listener of listeners) listener();
}

function patch(client_id: string, part: Partial<Outgoing>): void {
  change(all.map((o) => (o.client_id === client_id ? { ...o, ...part } : o)));
}

function listFor(conversation: ID): Outgoing[] {
  const cached = cachedFor.get(conversation);
  if (cached?.source === all) return cached.list;
  const list = all.filter((o) => o.conversation_id === conversation);
  const same = cached && cached.list.length === list.length && cached.list.every((o, i) => o === list[i]);
  const kept = same ? cached.list : list;
  cachedFor.set(conversation, { source: all, list: kept });
  return kept;
}

function post(o: Outgoing): Promise<Item> {
  const file_ids = o.files.length ? o.files.map((f) => f.id) : undefined;
  if (o.note) {
    const body = { client_id: o.client_id, text: o.content.text ?? '', mentions: o.mentions ?? [], file_ids };
    return api.post<Item>(`/conversations/${o.conversation_id}/notes`, body, { idempotencyKey: o.client_id });
  }
  const body = {
    client_id: o.client_id,
    channel_id: o.channel_id,
    chat_id: o.chat_id,
    content: o.content,
    file_ids,
    reply_to: o.reply_to?.item_id,
    send_at: o.send_at,
  };
  return api.post<Item>(`/conversations/${o.conversation_id}/messages`, body, {
    idempotencyKey: o.client_id,
  });
}

async function attempt(client: QueryClient, o: Outgoing): Promise<void> {
  if (!all.some((x) => x.client_id === o.client_id && x.state === 'sending')) return;
  try {
    const item = await post(o);
    settled(client, item);
    drop(o.client_id);
  } catch (error) {
    const e = error instanceof ApiError ? error : new ApiError(0, 'internal');
    // Without an answer the message may have arrived: the same client_id makes a repeat harmless.
    patch(o.client_id, { state: e.transient ? 'waiting' : 'failed', error: e });
  }
}

function settled(client: QueryClient, item: Item): void {
  client.setQueryData<Window>(keys.items(item.conversation_id), (w) => w && mergeItem(w, item));
}

function enqueue(client: QueryClient, o: Outgoing): void {
  const before = chains.get(o.conversation_id) ?? Promise.resolve();
  const next = before.then(() => attempt(client, o));
  chains.set(o.conversation_id, next);
  next.finally(() => {
    if (chains.get(o.conversation_id) === next) chains.delete(o.conversation_id);
  });
}

export function send(client: QueryClient, draft: Draftable): string {
  const o: Outgoing = { ...draft, client_id: newKey(), at: new Date().toISOString(), state: 'sending' };
  change([...all, o]);
  enqueue(client, o);
  return o.client_id;
}

export function resend(client: QueryClient, client_id: string): void {
  const o = all.find((x) => x.client_id === client_id);
  if (!o || o.state === 'sending') return;
  const next = { ...o, state: 'sending' as const, error: undefined };
  change(all.map((x) => (x === o ? next : x)));
  enqueue(client, next);
}

/** After the connection is back: everything that waited for it, in its order. */
export function resendWaiting(client: QueryClient): void {
  for (const o of all.filter((x) => x.state === 'waiting')) resend(client, o.client_id);
}

/** Forgets it: sent (its item is there), or given up by its author. */
export function drop(client_id: string): void {
  if (all.some((o) => o.client_id === client_id)) change(all.filter((o) => o.client_id !== client_id));
}

export const pending = (): Outgoing[] => all;

/** For tests and log-out. */
export function clearOutbox(): void {
  cachedFor = new Map();
  change([]);
}

export function useOutbox(conversation: ID): Outgoing[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    () => listFor(conversation),
  );
}
