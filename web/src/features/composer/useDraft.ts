import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import { api } from '@/api/client';
import { keys } from '@/api/keys';
import { patchConversation } from '@/api/live/apply';
import type { Draft, ID } from '@/api/types';

/** A draft with nothing left out. */
export type DraftPart = Pick<Draft, 'text' | 'channel_id' | 'reply_to'> &
  Required<Pick<Draft, 'note' | 'file_ids'>>;

const wait = 900;
const isEmpty = (d: DraftPart) => !d.text.trim() && d.file_ids.length === 0;

/** An answer may leave out what is empty; no text and no files is no draft. */
function whole(d: Partial<Draft> | undefined): DraftPart | null {
  if (!d) return null;
  const draft = { ...d, text: d.text ?? '', note: d.note ?? false, file_ids: d.file_ids ?? [] };
  return isEmpty(draft) ? null : draft;
}

/** Keeps what is being written on the server: a moment after the last key, and when the page or conversation is left. */
export function useDraft(conversation: ID) {
  const client = useQueryClient();
  const query = useQuery({
    queryKey: keys.draft(conversation),
    queryFn: async ({ signal }) =>
      whole(
        await api.get<Partial<Draft> | undefined>(`/conversations/${conversation}/draft`, undefined, {
          signal,
        }),
      ),
    staleTime: 30_000,
    retry: false,
  });
  const waiting = useRef<DraftPart>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const stored = useRef(false);
  if (query.data && !isEmpty(query.data)) stored.current = true;

  const flush = useCallback(
    (leaving = false) => {
      clearTimeout(timer.current);
      const d = waiting.current;
      if (!d) return;
      waiting.current = undefined;
      const empty = isEmpty(d);
      client.setQueryData<DraftPart | null>(keys.draft(conversation), empty ? null : d);
      if (empty && !stored.current) return;
      stored.current = !empty;
      patchConversation(client, conversation, (c) =>
        c.has_draft === !empty && (c.draft_text ?? '') === (d.text ?? '')
          ? c
          : { ...c, has_draft: !empty, draft_text: d.text },
      );
      const path = `/conversations/${conversation}/draft`;
      const call = empty
        ? api.delete(path, { keepalive: leaving })
        : api.put(path, d, { keepalive: leaving });
      call.catch(() => {
        // Unsaved: it goes with the next change; the text itself is still in the box.
        if (!leaving) waiting.current ??= d;
      });
    },
    [client, conversation],
  );

  const save = useCallback(
    (d: DraftPart, now = false) => {
      waiting.current = d;
      clearTimeout(timer.current);
      if (now) flush();
      else timer.current = setTimeout(flush, wait);
    },
    [flush],
  );

  useEffect(() => {
    const hide = () => document.visibilityState === 'hidden' && flush(true);
    document.addEventListener('visibilitychange', hide);
    return () => {
      document.removeEventListener('visibilitychange', hide);
      flush(true);
    };
  }, [flush]);

  return { draft: query.data, loaded: !query.isPending, save };
}
