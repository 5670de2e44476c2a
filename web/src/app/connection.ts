import { useSyncExternalStore } from 'react';

/** How the live socket does. "recovering": connected, reading what was missed. */
export type Connection = 'connecting' | 'live' | 'recovering' | 'lost';

let state: Connection = 'connecting';
let retry: (() => void) | undefined;
const listeners = new Set<() => void>();

export const connection = {
  get: () => state,
  set(next: Connection) {
    if (next === state) return;
    state = next;
    for (const listener of listeners) listener();
  },
  setRetry(f: (() => void) | undefined) {
    retry = f;
  },
  retry: () => retry?.(),
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  },
};

export const useConnection = (): Connection => useSyncExternalStore(connection.subscribe, connection.get);
