import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';
import { keys } from '@/api/keys';
import { reading } from '@/api/live/reading';
import { pending } from '@/api/outbox';
import type { Me } from '@/api/types';

/** Keeps the socket while someone is logged in; both it and the alerts come after the first screen. */
export function useLive(): void {
  const client = useQueryClient();
  const router = useRouter();
  useEffect(() => {
    let stop: (() => void) | undefined;
    let gone = false;
    const from = client.getQueryData<Me>(keys.me)?.event_id ?? '0';
    // The socket waits for the first screen: what it would tell is in the answers being drawn.
    const timer = setTimeout(
      () =>
        Promise.all([import('@/api/live/socket'), import('./alerts')]).then(([{ Live }, { Alerts }]) => {
          if (gone) return;
          const alerts = new Alerts(client, (path) => router.history.push(path));
          const live = new Live({ client, from, reading: reading.get, onItem: (item) => alerts.item(item) });
          stop = () => {
            live.close();
            alerts.close();
          };
        }),
      150,
    );
    // What has not reached the server yet would be lost with the page.
    const leaving = (e: BeforeUnloadEvent) => {
      if (pending().length) e.preventDefault();
    };
    window.addEventListener('beforeunload', leaving);
    return () => {
      window.removeEventListener('beforeunload', leaving);
      gone = true;
      clearTimeout(timer);
      stop?.();
    };
  }, [client, router]);
}
