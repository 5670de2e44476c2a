import { useCallback, useEffect, useRef, useState } from 'react';
import type { Conversation, ID } from '@/api/types';
import { letter, typingIn } from '@/app/useGlobalKeys';

interface Options {
  rows: Conversation[];
  openId?: ID;
  scrollTo: (index: number) => void;
  onSelect: (id: ID, range: boolean) => void;
}

/** J and K walk the list wherever the reader is (arrows too, once in it); X marks a row. Enter is the link's own. */
export function useRowKeys(o: Options) {
  const [cursorId, setCursorId] = useState<ID>();
  const state = useRef(o);
  state.current = o;
  const at = o.rows.findIndex((c) => c.id === (cursorId ?? o.openId));
  const cursor = Math.max(0, at);
  const cursorRef = useRef(cursor);
  cursorRef.current = cursor;

  const go = useCallback((index: number) => {
    const { rows, scrollTo } = state.current;
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (!row) return;
    setCursorId(row.id);
    scrollTo(rows.indexOf(row));
    // The row may have to be drawn first.
    let tries = 8;
    const focus = () => {
      const link = document.getElementById(`row-${row.id}`);
      if (link) link.focus({ preventScroll: true });
      else if (tries-- > 0) requestAnimationFrame(focus);
    };
    requestAnimationFrame(focus);
  }, []);

  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented || typingIn(e.target)) return;
      const inList = e.target instanceof HTMLElement && !!e.target.closest('#conversation-rows');
      const key = letter(e);
      if (key === 'j' || (inList && e.key === 'ArrowDown')) go(cursorRef.current + 1);
      else if (key === 'k' || (inList && e.key === 'ArrowUp')) go(cursorRef.current - 1);
      else if (inList && e.key === 'Home') go(0);
      else if (inList && e.key === 'End') go(state.current.rows.length - 1);
      else if (key === 'x' && inList) {
        const row = state.current.rows[cursorRef.current];
        if (row) state.current.onSelect(row.id, e.shiftKey);
      } else return;
      e.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [go]);

  const setCursor = useCallback((index: number) => setCursorId(state.current.rows[index]?.id), []);
  return { cursor, setCursor };
}
