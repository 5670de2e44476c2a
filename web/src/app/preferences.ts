import { useSyncExternalStore } from 'react';
import type { Settings } from '@/api/types';

export type Theme = Settings['theme'];

const listeners = new Set<() => void>();
const media = typeof matchMedia === 'function' ? matchMedia('(prefers-color-scheme: dark)') : undefined;
media?.addEventListener('change', changed);

function changed(): void {
  const dark = scheme() === 'dark';
  const meta = document.querySelector<HTMLMetaElement>('meta[name="theme-color"]');
  if (meta) meta.content = dark ? '#0f1115' : '#f6f7f9';
  for (const listener of listeners) listener();
}

/** Something small remembered on this machine only. */
export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(`okno.${name}`, value);
  } catch {
    // Forbidden storage: it lasts for this page.
  }
}

export function recall(name: string): string | undefined {
  try {
    return localStorage.getItem(`okno.${name}`) ?? undefined;
  } catch {
    return undefined;
  }
}

export function getTheme(): Theme {
  const theme = recall('theme');
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}

/** Shows a theme at once; the server is told by whoever calls (PATCH /me/settings {theme}). */
export function setTheme(theme: Theme): void {
  remember('theme', theme);
  changed();
}

function scheme(): 'light' | 'dark' {
  const theme = getTheme();
  if (theme !== 'system') return theme;
  return media?.matches ? 'dark' : 'light';
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useScheme = (): 'light' | 'dark' => useSyncExternalStore(subscribe, scheme);
export const useTheme = (): Theme => useSyncExternalStore(subscribe, getTheme);
