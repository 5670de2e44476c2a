import type { ID } from '../types';

// Which conversation's end is before the reader's eyes. Not state of a component: the socket asks outside of rendering.
let current: ID | undefined;

export const reading = {
  set(id: ID | undefined) {
    current = id;
  },
  get: (): ID | undefined =>
    document.visibilityState === 'visible' && document.hasFocus() ? current : undefined,
};
