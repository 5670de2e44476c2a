import type { QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { api, newKey } from './client';
import { ApiError } from './error';
import { keys } from './keys';
import { hasItem, mergeItem, type Window } from './timeline-cache';
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

// Those that wait for a connection, and how to wake each before its pause is over.
const wakers = new Map<string, () => void>();

/** 2, 4, 8 … 60 s. */
const pause = (tries: number): number => Math.min(60_000, 2_000 * 2 ** tries);

function rest(client_id: string, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      wakers.delete(client_id);
      resolve();
    };
    const timer = setTimeout(done, ms);
    wakers.set(client_id, done);
  });
}

/** Tries until it is taken, refused or given up. What was said later waits meanwhile. */
async function attempt(client: QueryClient, o: Outgoing): Promise<void> {
  const still = () => all.some((x) => x.client_id === o.client_id);
  for (let tries = 0; still(); tries++) {
    if (tries > 0) patch(o.client_id, { state: 'sending', error: undefined });
    try {
      const item = await post(o);
      settled(client, item);
      drop(o.client_id);
      return;
    } catch (error) {
      const e = error instanceof ApiError ? error : new ApiError(0, 'internal');
      if (!e.transient) {
        patch(o.client_id, { state: 'failed', error: e });
        return;
      }
      // Without an answer the message may have arrived: the same client_id makes a repeat harmless.
      patch(o.client_id, { state: 'waiting', error: e });
      await rest(o.client_id, e.retryAfter ? e.retryAfter * 1000 : pause(tries));
    }
  }
}

function settled(client: QueryClient, item: Item): void {
  // What the events have brought is at least as new as this answer: it may be sent or read already.
  client.setQueryData<Window>(keys.items(item.conversation_id), (w) =>
    !w || hasItem(w, item.id) ? w : mergeItem(w, item),
  );
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
  const o: Outgoing = {
    ...draft,
    client_id: newKey(),
    at: new Date().toISOString(),
    state: 'sending',
  };
  change([...all, o]);
  enqueue(client, o);
  return o.client_id;
}

export function resend(client: QueryClient, client_id: string): void {
  const o = all.find((x) => x.client_id === client_id);
  if (o?.state !== 'failed') return;
  const next = { ...o, state: 'sending' as const, error: undefined };
  change(all.map((x) => (x === o ? next : x)));
  enqueue(client, next);
}

/** After the connection is back: what waited for it goes at once. */
export function resendWaiting(): void {
  for (const wake of [...wakers.values()]) wake();
}

/** Forgets it: sent (its item is there), or given up by its author. */
export function drop(client_id: string): void {
  if (all.some((o) => o.client_id === client_id)) change(all.filter((o) => o.client_id !== client_id));
  wakers.get(client_id)?.();
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
