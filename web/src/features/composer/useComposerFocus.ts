import { type RefObject, useEffect } from 'react';
import { letter, typingIn } from '@/app/useGlobalKeys';

/** R answers, N notes, from anywhere; a reply or an edit takes the caret by itself. */
export function useComposerFocus(
  box: RefObject<HTMLTextAreaElement | null>,
  setNote: (note: boolean) => void,
  conversation: string,
  aimed: boolean,
): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: a newly opened conversation is for answering
  useEffect(() => {
    if (window.matchMedia('(pointer: fine)').matches) box.current?.focus({ preventScroll: true });
  }, [conversation]);
  useEffect(() => {
    if (aimed) box.current?.focus();
  }, [aimed, box]);
  useEffect(() => {
    const onKey = (e: globalThis.KeyboardEvent) => {
      if (e.ctrlKey || e.metaKey || e.altKey || e.shiftKey || e.defaultPrevented || typingIn(e.target))
        return;
      const key = letter(e);
      if (key !== 'r' && key !== 'n') return;
      e.preventDefault();
      setNote(key === 'n');
      box.current?.focus();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [box, setNote]);
}
