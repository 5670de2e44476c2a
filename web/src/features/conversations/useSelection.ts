import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Filter, ID } from '@/api/types';

export interface Selection {
  ids: ReadonlySet<ID>;
  /** Turns one on or off; with a range, everything between it and the last one touched. */
  toggle: (id: ID, range: boolean) => void;
  clear: () => void;
  setOrder: (order: ID[]) => void;
}

/** Rows marked for doing something with all of them. Another filter forgets them. */
export function useSelection(filter: Filter): Selection {
  const [ids, setIds] = useState<ReadonlySet<ID>>(new Set());
  const order = useRef<ID[]>([]);
  const last = useRef<ID | undefined>(undefined);
  const clear = useCallback(() => setIds(new Set()), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new filter is what clears it
  useEffect(() => clear(), [filter, clear]);
  const toggle = useCallback((id: ID, range: boolean) => {
    setIds((old) => {
      const next = new Set(old);
      const from = last.current ? order.current.indexOf(last.current) : -1;
      const to = order.current.indexOf(id);
      if (range && from >= 0 && to >= 0) {
        for (const x of order.current.slice(Math.min(from, to), Math.max(from, to) + 1)) next.add(x);
      } else if (!next.delete(id)) next.add(id);
      return next;
    });
    last.current = id;
  }, []);
  const setOrder = useCallback((o: ID[]) => {
    order.current = o;
  }, []);
  return useMemo(() => ({ ids, toggle, clear, setOrder }), [ids, toggle, clear, setOrder]);
}
