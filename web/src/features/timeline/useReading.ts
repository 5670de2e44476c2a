import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { api } from '@/api/client';
import { compareIds } from '@/api/ids';
import { markRead } from '@/api/live/apply';
import { reading } from '@/api/live/reading';
import { useMe } from '@/api/reference';
import type { Window } from '@/api/timeline-cache';
import type { Conversation, ID } from '@/api/types';

/** While the end is in sight and the page has the focus, what is there counts as read. */
export function useReading(c: Conversation, window: Window, endInSight: boolean): void {
  const client = useQueryClient();
  const me = useMe().user.id;
  const last = window.items.at(-1)?.id;
  const told = useRef<ID>(undefined);
  const unread = c.unread > 0 || c.mentioned;
  useEffect(() => {
    if (endInSight) reading.set(c.id);
    return () => reading.set(undefined);
  }, [c.id, endInSight]);
  useEffect(() => {
    const tell = () => {
      if (!last || !endInSight || reading.get() !== c.id) return;
      const newer = !told.current || compareIds(last, told.current) > 0;
      if (!newer && !unread) return;
      if (!unread && told.current === undefined) {
        told.current = last;
        return;
      }
      told.current = last;
      markRead(client, c.id, me);
      api.post(`/conversations/${c.id}/read`, { item_id: last }).catch(() => {
        told.current = undefined; // told again with the next item or focus
      });
    };
    tell();
    globalThis.addEventListener('focus', tell);
    document.addEventListener('visibilitychange', tell);
    return () => {
      globalThis.removeEventListener('focus', tell);
      document.removeEventListener('visibilitychange', tell);
    };
  }, [client, c.id, last, endInSight, unread, me]);
}
