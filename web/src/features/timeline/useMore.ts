import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { readMore } from '@/api/items';
import type { Window } from '@/api/timeline-cache';
import type { ID } from '@/api/types';

const margin = 12;

/** Reads on before the reader comes to an end of what is loaded. A failed try rests for a while. */
export function useMore(id: ID, window: Window, first: number, last: number, count: number): void {
  const client = useQueryClient();
  const busy = useRef({ before: false, after: false });
  const rest = useRef(0);
  useEffect(() => {
    const more = async (side: 'before' | 'after') => {
      if (busy.current[side] || Date.now() < rest.current) return;
      busy.current[side] = true;
      try {
        await readMore(client, id, side);
      } catch {
        rest.current = Date.now() + 3000; // the banner tells of a lost connection; the next scroll tries again
      }
      busy.current[side] = false;
    };
    if (window.has_before && first < margin) more('before');
    if (window.has_after && last > count - margin) more('after');
  }, [client, id, window, first, last, count]);
}
