import { type KeyboardEvent, useRef } from 'react';
import type { Item } from '@/api/types';
import { letter, typingIn } from '@/app/useGlobalKeys';
import { useTimelineActions } from './context';
import type { Row } from './rows';

/** Arrows walk from item to item, Enter opens an item's actions, Q replies to it. */
export function useItemFocus(rows: Row[], scrollTo: (index: number) => void) {
  const a = useTimelineActions();
  const at = useRef<string>(undefined);
  const items = () =>
    rows.flatMap((r, index) =>
      r.kind === 'item' && r.item.kind !== 'event' ? [{ item: r.item, index }] : [],
    );
  const focus = (item: Item, index: number) => {
    at.current = item.id;
    scrollTo(index);
    let tries = 8;
    const now = () => {
      const element = document.getElementById(`item-${item.id}`);
      if (element) element.focus({ preventScroll: true });
      else if (tries-- > 0) requestAnimationFrame(now);
    };
    requestAnimationFrame(now);
  };
  const onKeyDown = (e: KeyboardEvent) => {
    if (e.ctrlKey || e.metaKey || e.altKey || typingIn(e.target)) return;
    const own = (e.target as HTMLElement).id;
    const onItem = own.startsWith('item-');
    // Buttons and sliders inside an item keep their own keys.
    if (!onItem && own !== 'timeline') return;
    const list = items();
    const current = onItem
      ? list.findIndex((x) => `item-${x.item.id}` === own)
      : list.findIndex((x) => x.item.id === at.current);
    const go = (n: number) => {
      const next = list[Math.max(0, Math.min(list.length - 1, n))];
      if (next) focus(next.item, next.index);
    };
    const item = list[current]?.item;
    if (e.key === 'ArrowUp') go(current < 0 ? list.length - 1 : current - 1);
    else if (e.key === 'ArrowDown') go(current < 0 ? list.length - 1 : current + 1);
    else if (e.key === 'End') go(list.length - 1);
    else if (onItem && item && (e.key === 'Enter' || e.key === 'ContextMenu')) {
      const box = (e.target as HTMLElement).getBoundingClientRect();
      a.menu(item, box.left + box.width / 2, Math.min(box.bottom, window.innerHeight - 40));
    } else if (onItem && item && letter(e) === 'q') a.reply(item);
    else return;
    e.preventDefault();
    e.stopPropagation();
  };
  return { onKeyDown };
}
