import { MantineProvider } from '@mantine/core';
import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useEffect, useMemo, useState } from 'react';
import { setUnauthenticatedHandler } from '@/api/client';
import { useScheme } from './preferences';
import { newRouter } from './router';
import { cssVariables, theme } from './theme';

const Toaster = lazy(() => import('@/ui/Toaster').then((m) => ({ default: m.Toaster })));

const nonce = () => document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
// Where the scroll lock of dialogs looks for it.
Object.assign(globalThis, { __webpack_nonce__: nonce() });

export function App({ client }: { client: QueryClient }) {
  const scheme = useScheme();
  const router = useMemo(() => {
    const router = newRouter(client);
    setUnauthenticatedHandler(() => {
      client.clear();
      const from = router.state.location.href;
      if (!from.startsWith('/login')) router.navigate({ to: '/login', search: { from } });
    });
    return router;
  }, [client]);
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      forceColorScheme={scheme}
      getStyleNonce={nonce}
    >
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
        <Later>
          <Toaster />
        </Later>
      </QueryClientProvider>
    </MantineProvider>
  );
}

/** What the first screen can do without. */
function Later({ children }: { children: ReactNode }) {
  const [now, setNow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setNow(true), 400);
    return () => clearTimeout(timer);
  }, []);
  return now ? <Suspense fallback={null}>{children}</Suspense> : null;
}
