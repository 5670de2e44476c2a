import { QueryClient } from '@tanstack/react-query';
import { ApiError } from './error';

/** Events keep the caches current, so nothing is refetched merely because a page is shown again. */
export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: Number.POSITIVE_INFINITY,
        gcTime: 30 * 60_000,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        retry: (count, error) => error instanceof ApiError && error.transient && count < 3,
        retryDelay: (count, error) =>
          error instanceof ApiError && error.retryAfter
            ? error.retryAfter * 1000
            : Math.min(500 * 2 ** count, 8000),
      },
      mutations: { retry: false },
    },
  });
}
