import { useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api } from '@/api/client';
import { errorText } from '@/api/error';
import { keys } from '@/api/keys';
import { useMe } from '@/api/reference';
import { updateItem, type Window } from '@/api/timeline-cache';
import type { FileInfo, Item } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { toast } from '@/ui';

/** The deeds of an item: shown at once, taken back with a word if the server refuses. */
export function useItemActions() {
  const client = useQueryClient();
  const { t } = useTranslation('timeline');
  const me = useMe().user.id;
  return useMemo(() => {
    const put = (item: Item) =>
      client.setQueryData<Window>(keys.items(item.conversation_id), (w) => w && updateItem(w, item));
    /** The message itself, where an album is drawn as one. */
    const own = (shown: Item, file?: FileInfo): Item =>
      client
        .getQueryData<Window>(keys.items(shown.conversation_id))
        ?.items.find((i) => (file ? i.files.some((f) => f.id === file.id) : i.id === shown.id)) ?? shown;
    const run = async (before: Item, guess: Item, call: () => Promise<Item>) => {
      put(guess);
      try {
        const answer = await call();
        // What an event has brought meanwhile is at least as new: it may be sent already.
        if (answer && own(guess) === guess) put(answer);
      } catch (error) {
        client.setQueryData<Window>(
          keys.items(before.conversation_id),
          (w) => w && { ...w, items: w.items.map((i) => (i.id === before.id ? before : i)) },
        );
        toast(errorText(t, error), 'error');
      }
    };
    return {
      react: (shown: Item, emoji: string) => {
        const item = own(shown);
        const mine = item.reactions.find((r) => r.by === 'user' && (!r.user_id || r.user_id === me));
        const next = mine?.emoji === emoji ? '' : emoji;
        const rest = item.reactions.filter((r) => r !== mine);
        const reactions = next ? [...rest, { emoji: next, by: 'user' as const, user_id: me }] : rest;
        return run(item, { ...item, reactions }, () =>
          api.put<Item>(`/items/${item.id}/reaction`, { emoji: next }),
        );
      },
      remove: (shown: Item) => {
        const item = own(shown);
        return run(item, { ...item, deleted_at: new Date().toISOString(), deleted_by: 'user' }, () =>
          api.delete<Item>(`/items/${item.id}`),
        );
      },
      retry: (item: Item) =>
        run(item, { ...item, state: 'queued', reason: undefined, detail: undefined }, () =>
          api.post<Item>(`/items/${item.id}/retry`),
        ),
      settle: (item: Item, as: 'sent' | 'failed') =>
        run(item, { ...item, state: as }, () => api.post<Item>(`/items/${item.id}/settle`, { as })),
      cancel: (item: Item) =>
        run(item, { ...item, state: 'cancelled' }, () => api.post<Item>(`/items/${item.id}/cancel`)),
      refetch: async (shown: Item, file: FileInfo) => {
        const item = own(shown, file);
        const withFile = (f: FileInfo) =>
          put({ ...item, files: item.files.map((x) => (x.id === f.id ? f : x)) });
        withFile({ ...file, state: 'pending', reason: undefined });
        try {
          withFile(await api.post<FileInfo>(`/files/${file.id}/refetch`));
        } catch (error) {
          withFile(file);
          toast(errorText(t, error), 'error');
        }
      },
    };
  }, [client, t, me]);
}
