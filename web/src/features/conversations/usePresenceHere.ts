import { useEffect } from 'react';
import { api } from '@/api/client';
import { viewing } from '@/api/live/signals';
import { useMe } from '@/api/reference';
import type { ID } from '@/api/types';

/** Learns at opening who else is here; the socket tells the rest. Asking is also being seen, so it repeats. */
export function usePresenceHere(id: ID): void {
  const me = useMe().user.id;
  useEffect(() => {
    const controller = new AbortController();
    const ask = () => {
      if (document.visibilityState !== 'visible') return;
      api
        .get<{ viewers: { user_id: ID; activity?: string }[] }>(`/conversations/${id}/seen`, undefined, {
          signal: controller.signal,
        })
        .then(({ viewers }) => {
          for (const v of viewers)
            if (v.user_id !== me)
              viewing({ conversation_id: id, user_id: v.user_id, activity: v.activity ?? 'viewing' });
        })
        .catch(() => undefined); // a courtesy: without it the page works as well
    };
    ask();
    const timer = setInterval(ask, 20_000);
    return () => {
      controller.abort();
      clearInterval(timer);
    };
  }, [id, me]);
}
