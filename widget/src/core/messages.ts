// What the page's script and the frame tell each other.
import type { Identity, Lang } from './types';

export type ToFrame =
  | { okno: 'init'; page: string; referrer: string; lang: Lang; open: boolean; identity?: Identity }
  | { okno: 'open'; open: boolean; focus: boolean }
  | { okno: 'page'; page: string }
  | { okno: 'saved'; saved: Record<string, string> }
  | { okno: 'identity'; identity?: Identity };

export type FromFrame =
  | { okno: 'ready' }
  | { okno: 'unread'; count: number; author: string; text: string }
  | { okno: 'session'; has: boolean }
  | { okno: 'close' }
  /** Asks for what the page keeps for the frame. */
  | { okno: 'recall' }
  | { okno: 'keep'; key: string; value?: string };
