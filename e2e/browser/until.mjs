import { setTimeout as pause } from 'node:timers/promises';

/** How long anything may take that a person would wait for, in ms; a busy machine is slow. */
export const patience = 60_000;

/** Waits for a condition and returns what it found. */
export async function until(what, check, timeout = patience) {
  const deadline = Date.now() + timeout;
  for (;;) {
    const found = await check();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`did not come true in ${timeout / 1000} s: ${what}`);
    await pause(100);
  }
}
