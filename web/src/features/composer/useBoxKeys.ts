import { useQueryClient } from '@tanstack/react-query';
import type { KeyboardEvent, RefObject } from 'react';
import { keys } from '@/api/keys';
import type { Window } from '@/api/timeline-cache';
import type { Conversation, MarkType } from '@/api/types';
import { letter } from '@/app/useGlobalKeys';
import type { Aim } from '@/features/conversations/ConversationPane';
import { toggle } from './markup';
import type { ComposerState } from './useComposer';
import type { useSuggest } from './useSuggest';

interface Options {
  c: Conversation;
  s: ComposerState;
  onAim: (aim?: Aim) => void;
  suggest: ReturnType<typeof useSuggest>;
  put: (text: string, from: number, to?: number) => void;
  box: RefObject<HTMLTextAreaElement | null>;
}

/** Which marks a shortcut sets: Ctrl+B, I, U, E; with Shift X, K, 9. */
function markOf(e: KeyboardEvent): MarkType | undefined {
  if (!(e.ctrlKey || e.metaKey) || e.altKey) return undefined;
  const key = letter(e);
  if (e.shiftKey)
    return (
      ({ x: 'strike', k: 'link' } as Record<string, MarkType>)[key] ??
      (e.nativeEvent.code === 'Digit9' ? 'quote' : undefined)
    );
  return ({ b: 'bold', i: 'italic', u: 'underline', e: 'code' } as Record<string, MarkType>)[key];
}

/** The keys of the text: sending, formatting, the list above, taking back. */
export function useBoxKeys({ c, s, onAim, suggest, put, box }: Options) {
  const client = useQueryClient();

  const editLast = (): boolean => {
    const mine = client
      .getQueryData<Window>(keys.items(c.id))
      ?.items.findLast(
        (i) => i.direction === 'out' && i.kind === 'message' && i.author.id === s.me.user.id && !i.deleted_at,
      );
    if (!mine?.content.text || !s.can?.edit || mine.state === 'failed' || mine.state === 'uncertain')
      return false;
    const age = (Date.now() - Date.parse(mine.at)) / 1000;
    if (s.can.edit_within && age > s.can.edit_within) return false;
    onAim({ kind: 'edit', item: mine });
    return true;
  };

  return (e: KeyboardEvent<HTMLTextAreaElement>) => {
    if (e.nativeEvent.isComposing) return;
    if (suggest.onKey(e)) return;
    const mark = markOf(e);
    if (mark && !s.note && s.can?.marks.includes(mark)) {
      e.preventDefault();
      e.stopPropagation();
      const element = e.currentTarget;
      const changed = toggle(s.text, element.selectionStart, element.selectionEnd, mark);
      put(changed.text, changed.from, changed.to);
      return;
    }
    if (e.key === 'Enter') {
      const withCtrl = e.ctrlKey || e.metaKey;
      const wanted = s.me.settings.send_by === 'enter' ? !e.shiftKey && !e.altKey : withCtrl;
      if (!wanted) return;
      e.preventDefault();
      s.submit();
      return;
    }
    if (e.key === 'Escape') {
      if (s.editing || s.reply) onAim(undefined);
      else box.current?.blur();
      e.stopPropagation();
      return;
    }
    if (e.key === 'ArrowUp' && !s.text && !s.editing && editLast()) e.preventDefault();
  };
}
