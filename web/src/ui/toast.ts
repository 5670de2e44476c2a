import type { ReactNode } from 'react';

/** A short word in the corner that goes by itself; for errors that have no place of their own. */
export function toast(message: ReactNode, kind: 'info' | 'error' = 'info'): void {
  // Loaded after the first screen (see App), so that it is there when the network is not.
  import('@mantine/notifications').then(({ notifications }) =>
    notifications.show({
      message,
      color: kind === 'error' ? 'red' : 'accent',
      autoClose: kind === 'error' ? 7000 : 3000,
      withBorder: true,
    }),
  );
}
