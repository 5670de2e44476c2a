import { useEffect, useRef } from 'react';
import { letter, typingIn } from '@/app/useGlobalKeys';

type Deed = 'resolve' | 'snooze' | 'assign' | 'take' | 'unread' | 'contact';
const keyOf: Record<string, Deed> = {
  e: 'resolve',
  s: 'snooze',
  a: 'assign',
  i: 'take',
  u: 'unread',
  c: 'contact',
};

/** One letter, one deed, for the conversation that is open. */
export function useConversationKeys(deeds: Record<Deed, () => void>): void {
  const latest = useRef(deeds);
  latest.current = deeds;
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      if (
        e.ctrlKey ||
        e.metaKey ||
        e.altKey ||
        e.shiftKey ||
        e.defaultPrevented ||
        e.repeat ||
        typingIn(e.target)
      )
        return;
      const deed = keyOf[letter(e)];
      if (!deed) return;
      e.preventDefault();
      latest.current[deed]();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
