import i18n, { type i18n as I18n, type TFunction } from 'i18next';
import { use, useSyncExternalStore } from 'react';

export interface Translation {
  t: TFunction;
  i18n: I18n;
}

// A list of a hundred rows asks for its texts a thousand times: the answer for a language and its namespaces is made once.
const ready = new Map<string, Translation>();
const loading = new Map<string, Promise<void>>();

function subscribe(listener: () => void): () => void {
  i18n.on('languageChanged', listener);
  return () => i18n.off('languageChanged', listener);
}
const language = (): string => i18n.language;

function load(key: string, names: readonly string[]): Promise<void> {
  let promise = loading.get(key);
  if (!promise) {
    promise = i18n.loadNamespaces(names).catch((error) => {
      loading.delete(key); // asked for again when the page is tried again
      throw error;
    });
    loading.set(key, promise);
  }
  return promise;
}

/** The texts of one or more namespaces; waits (in the nearest Suspense) for those that are not there yet. */
export function useTranslation(names: string | readonly string[] = 'common'): Translation {
  const lang = useSyncExternalStore(subscribe, language);
  const key = `${lang} ${names}`;
  const list = typeof names === 'string' ? [names] : names;
  // What once waited goes on asking: React repeats the render and counts on meeting the same question.
  const waited = loading.get(key);
  if (waited) use(waited);
  const known = ready.get(key);
  if (known) return known;
  if (!waited && !list.every((ns) => i18n.hasLoadedNamespace(ns, { lng: lang }))) use(load(key, list));
  const made: Translation = { t: i18n.getFixedT(lang, list), i18n };
  ready.set(key, made);
  return made;
}
