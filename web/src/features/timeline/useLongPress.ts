import { type PointerEvent, type TouchEvent, useEffect, useRef } from 'react';

const hold = 480;
/** A finger that moves further scrolls. */
const slack = 10;

/**
 * A finger held still, in browsers that tell of no context menu then (Safari on a phone). Spread the handlers over the
 * element.
 */
export function useLongPress(act: (x: number, y: number) => void) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const from = useRef({ x: 0, y: 0 });
  const fired = useRef(false);
  const end = () => clearTimeout(timer.current);
  useEffect(() => () => clearTimeout(timer.current), []);
  return {
    onPointerDown: (e: PointerEvent) => {
      end();
      if (e.pointerType !== 'touch' || !e.isPrimary) return;
      fired.current = false;
      if ((e.target as HTMLElement).closest('a, button')) return;
      const { clientX: x, clientY: y } = e;
      from.current = { x, y };
      timer.current = setTimeout(() => {
        fired.current = true;
        // What the finger has selected meanwhile is in the menu's way.
        window.getSelection()?.removeAllRanges();
        act(x, y);
      }, hold);
    },
    onPointerMove: (e: PointerEvent) => {
      if (Math.hypot(e.clientX - from.current.x, e.clientY - from.current.y) > slack) end();
    },
    onPointerUp: end,
    onPointerCancel: end,
    onPointerLeave: end,
    // The click that the lifted finger makes would close what was opened.
    onTouchEnd: (e: TouchEvent) => fired.current && e.preventDefault(),
  };
}
