import { useSyncExternalStore } from 'react';

// One clock for all the waiting times on a page: a timer per row would wake a busy list hundreds of times.
interface Clock {
  subscribe: (listener: () => void) => () => void;
  get: () => number;
}

function newClock(everyMs: number): Clock {
  const listeners = new Set<() => void>();
  let timer: ReturnType<typeof setInterval> | undefined;
  let now = Date.now();
  const tick = () => {
    now = Date.now();
    for (const listener of listeners) listener();
  };
  return {
    subscribe(listener) {
      listeners.add(listener);
      if (!timer) {
        now = Date.now();
        timer = setInterval(tick, everyMs);
      }
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) {
          clearInterval(timer);
          timer = undefined;
        }
      };
    },
    get: () => now,
  };
}

const slow = newClock(15_000);
const fast = newClock(1_000);

/** The time in ms, renewed every 15 s (or every second). */
export function useNow(everySecond = false): number {
  const clock = everySecond ? fast : slow;
  return useSyncExternalStore(clock.subscribe, clock.get);
}
