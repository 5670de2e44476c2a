import { createContext, useContext } from 'react';
import type { FileInfo, Item } from '@/api/types';

/** What an item can ask of the timeline it stands in. */
export interface TimelineActions {
  reply: (item: Item) => void;
  edit: (item: Item) => void;
  react: (item: Item, emoji: string) => void;
  remove: (item: Item) => void;
  retry: (item: Item) => void;
  settle: (item: Item, as: 'sent' | 'failed') => void;
  cancel: (item: Item) => void;
  refetch: (item: Item, file: FileInfo) => void;
  history: (item: Item) => void;
  menu: (item: Item, x: number, y: number) => void;
  show: (file: FileInfo) => void;
  jump: (item: string) => void;
}

export const TimelineContext = createContext<TimelineActions | undefined>(undefined);

export function useTimelineActions(): TimelineActions {
  const actions = useContext(TimelineContext);
  if (!actions) throw new Error('an item outside a timeline');
  return actions;
}
