import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useMemo } from 'react';
import { setUnauthenticatedHandler } from '@/api/client';
import { newQueryClient } from '@/api/query-client';
import { useScheme } from './preferences';
import { newRouter } from './router';
import { cssVariables, theme } from './theme';

const nonce = () => document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';

export function App() {
  const scheme = useScheme();
  const { client, router } = useMemo(() => {
    const client = newQueryClient();
    const router = newRouter(client);
    setUnauthenticatedHandler(() => {
      client.clear();
      const from = router.state.location.href;
      if (!from.startsWith('/login')) router.navigate({ to: '/login', search: { from } });
    });
    return { client, router };
  }, []);
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      forceColorScheme={scheme}
      getStyleNonce={nonce}
    >
      <QueryClientProvider client={client}>
        <Notifications position="bottom-right" limit={4} />
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
