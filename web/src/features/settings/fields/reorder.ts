// Moving a row of a list by pointer (mouse, pen, finger) or by arrow keys.
import { type KeyboardEvent, type PointerEvent, useState } from 'react';

/** move puts the thing at one place in another; the rest closes up. */
export function move<T>(list: T[], from: number, to: number): T[] {
  if (from === to || from < 0 || to < 0 || from >= list.length || to >= list.length) return list;
  const next = [...list];
  next.splice(to, 0, ...next.splice(from, 1));
  return next;
}

/** targetIndex tells over which row the pointer is, by the rows' middles. */
export function targetIndex(middles: number[], y: number, from: number): number {
  const passed = middles.filter((middle, i) => i !== from && y > middle).length;
  return Math.min(passed, middles.length - 1);
}

interface Options<T> {
  items: T[];
  onMove: (from: number, to: number) => void;
}

export function useReorder<T>({ items, onMove }: Options<T>) {
  const [drag, setDrag] = useState<{ from: number; to: number }>();
  const shown = drag ? move(items, drag.from, drag.to) : items;

  const handle = (index: number) => ({
    onKeyDown: (event: KeyboardEvent) => {
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const to = index + step;
      if (to >= 0 && to < items.length) onMove(index, to);
    },
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.button !== 0) return;
      const rows = [...(event.currentTarget.closest('ul')?.children ?? [])];
      const middles = rows.map((row) => {
        const box = row.getBoundingClientRect();
        return box.top + box.height / 2;
      });
      event.currentTarget.setPointerCapture(event.pointerId);
      const element = event.currentTarget;
      let current = { from: index, to: index };
      const onPointerMove = (e: globalThis.PointerEvent) => {
        current = { from: index, to: targetIndex(middles, e.clientY, index) };
        setDrag(current);
      };
      const end = (e: globalThis.PointerEvent) => {
        element.removeEventListener('pointermove', onPointerMove);
        element.removeEventListener('pointerup', end);
        element.removeEventListener('pointercancel', end);
        setDrag(undefined);
        if (e.type === 'pointerup' && current.from !== current.to) onMove(current.from, current.to);
      };
      element.addEventListener('pointermove', onPointerMove);
      element.addEventListener('pointerup', end);
      element.addEventListener('pointercancel', end);
    },
  });
  return { shown, dragging: drag ? items[drag.from] : undefined, handle };
}
