import type { Plugin } from 'vite';

/** A made-up server inside Vite, for looking at pages without the real one (OKNO_API unset). */
export function fakeServer(): Plugin {
  return { name: 'okno-fake-server' };
}
