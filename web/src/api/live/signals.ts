import { useSyncExternalStore } from 'react';
import type { ID } from '../types';

/** Someone busy in a conversation: the customer typing, a colleague looking or answering. */
export interface Signal {
  conversation_id: ID;
  /** Absent for the customer. */
  user_id?: ID;
  activity: 'typing' | 'recording' | 'note' | 'viewing';
  /** What the customer has typed so far, where the channel tells it. */
  text?: string;
  until: number;
}

const typingMs = 6_000;
const viewingMs = 45_000;

let signals: Signal[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();
const cache = new Map<ID, { source: Signal[]; list: Signal[] }>();

function change(next: Signal[]): void {
  signals = next;
  clearTimeout(timer);
  if (signals.length) {
    const soonest = Math.min(...signals.map((s) => s.until));
    timer = setTimeout(
      () => change(signals.filter((s) => s.until > Date.now())),
      Math.max(50, soonest - Date.now() + 10),
    );
  }
  for (const listener of listeners) listener();
}

const without = (conversation: ID, user: ID | undefined, viewing: boolean) =>
  signals.filter(
    (s) => s.conversation_id !== conversation || s.user_id !== user || (s.activity === 'viewing') !== viewing,
  );

export function typing(t: {
  conversation_id: ID;
  contact?: boolean;
  user_id?: ID;
  activity: string;
  text?: string;
}): void {
  const user = t.contact ? undefined : t.user_id;
  const rest = without(t.conversation_id, user, false);
  if (t.activity === 'stopped') {
    change(rest);
    return;
  }
  const activity = t.activity === 'recording' || t.activity === 'note' ? t.activity : 'typing';
  change([
    ...rest,
    {
      conversation_id: t.conversation_id,
      user_id: user,
      activity,
      text: t.text,
      until: Date.now() + typingMs,
    },
  ]);
}

export function viewing(v: { conversation_id: ID; user_id: ID; activity: string }): void {
  const theirs = (s: Signal) => s.conversation_id === v.conversation_id && s.user_id === v.user_id;
  const others = signals.filter((s) => !theirs(s));
  if (v.activity === 'left') {
    change(others);
    return;
  }
  const kept = signals.filter((s) => theirs(s) && s.activity !== 'viewing');
  change([
    ...others,
    ...kept,
    {
      conversation_id: v.conversation_id,
      user_id: v.user_id,
      activity: 'viewing',
      until: Date.now() + viewingMs,
    },
  ]);
  if (v.activity === 'typing') typing(v);
}

/** The customer's message is there: he no longer types it. */
export function heard(conversation: ID): void {
  if (signals.some((s) => s.conversation_id === conversation && !s.user_id))
    change(without(conversation, undefined, false));
}

export function clearSignals(): void {
  change([]);
}

const empty: Signal[] = [];

function listFor(conversation: ID): Signal[] {
  const cached = cache.get(conversation);
  if (cached?.source === signals) return cached.list;
  const list = signals.filter((s) => s.conversation_id === conversation);
  cache.set(conversation, { source: signals, list: list.length ? list : empty });
  return list.length ? list : empty;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

export const useSignals = (conversation: ID): Signal[] =>
  useSyncExternalStore(subscribe, () => listFor(conversation));

/** For a row: whether the customer types now. A boolean, so that other rows need not render. */
export const useContactTyping = (conversation: ID): boolean =>
  useSyncExternalStore(subscribe, () =>
    signals.some((s) => s.conversation_id === conversation && !s.user_id),
  );
