import { useCallback, useRef } from 'react';
import { api } from '@/api/client';
import type { ID } from '@/api/types';

const every = 4_000;

/** Tells, at most every four seconds, that something is being written here. */
export function useTyping(conversation: ID) {
  const last = useRef(0);
  return useCallback(
    (activity: 'typing' | 'recording' | 'note', channel_id?: ID) => {
      const now = Date.now();
      if (now - last.current < every) return;
      last.current = now;
      api.post(`/conversations/${conversation}/typing`, { channel_id, activity }).catch(() => undefined); // a courtesy only
    },
    [conversation],
  );
}
