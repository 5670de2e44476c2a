import { createContext } from 'preact';
import { useContext, useEffect, useReducer } from 'preact/hooks';
import type { Translate } from '../core/i18n';
import type { Chat } from './chat';

export interface Frame {
  chat: Chat;
  t: Translate;
}

export const FrameContext = createContext<Frame | undefined>(undefined);

export function useFrame(): Frame {
  const frame = useContext(FrameContext);
  if (!frame) throw new Error('outside of the frame');
  return frame;
}

/** Draws the component again whenever the chat changes. */
export function useChanges(chat: Chat): void {
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  useEffect(() => chat.listen(() => redraw(undefined as never)), [chat]);
}
