import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';

/** Whether the event comes from where text is typed: plain letters belong to the text then. */
export function typingIn(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) ||
    Boolean(target.closest('[role="dialog"],[role="menu"]'))
  );
}

/** The physical key as a Latin letter, so that J is J in a Russian layout too. */
export function letter(e: KeyboardEvent | React.KeyboardEvent): string {
  const code = 'nativeEvent' in e ? e.nativeEvent.code : e.code;
  if (/^Key[A-Z]$/.test(code)) return code.slice(3).toLowerCase();
  return e.key;
}

/** Opens the palette from anywhere (the search field of the list, a menu). */
export function openPalette(): void {
  window.dispatchEvent(new CustomEvent('okno:palette'));
}

/** Ctrl/Cmd+K, ? and G-then-a-letter. */
export function useGlobalKeys() {
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  const navigate = useNavigate();

  useEffect(() => {
    let went = 0;
    const open = () => setPalette(true);
    const onKey = (e: KeyboardEvent) => {
      if ((e.ctrlKey || e.metaKey) && !e.altKey && !e.shiftKey && letter(e) === 'k') {
        e.preventDefault();
        setPalette((on) => !on);
        return;
      }
      if (e.ctrlKey || e.metaKey || e.altKey || typingIn(e.target)) return;
      if (e.key === '?' || (e.shiftKey && e.code === 'Slash')) {
        e.preventDefault();
        setHelp(true);
        return;
      }
      if (letter(e) === 'g') {
        went = Date.now();
        return;
      }
      if (Date.now() - went > 900) return;
      went = 0;
      const to = ({ l: '/', c: '/contacts', s: '/settings' } as const)[letter(e) as 'l' | 'c' | 's'];
      if (to) {
        e.preventDefault();
        e.stopImmediatePropagation();
        navigate({ to });
      }
    };
    window.addEventListener('keydown', onKey);
    window.addEventListener('okno:palette', open);
    return () => {
      window.removeEventListener('keydown', onKey);
      window.removeEventListener('okno:palette', open);
    };
  }, [navigate]);

  return { palette, setPalette, help, setHelp };
}
