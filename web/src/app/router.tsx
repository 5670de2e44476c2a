import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { api } from '@/api/client';
import { conversationListQuery, countsQuery } from '@/api/conversations';
import { ApiError } from '@/api/error';
import { keys } from '@/api/keys';
import { channelsQuery, inboxesQuery, meQuery, usersQuery, viewsQuery } from '@/api/reference';
import { NotFound, PageCrash, PagePending } from './fallbacks';
import { listSearch, toFilter } from './list-search';
import { Shell } from './Shell';

interface Context {
  client: QueryClient;
}

const root = createRootRouteWithContext<Context>()({
  component: Outlet,
  notFoundComponent: NotFound,
  errorComponent: PageCrash,
});

// ---- without a log-in
const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: (s: Record<string, unknown>): { from?: string } => ({
    // Only a path of our own: never a way out to somebody else's page.
    from: typeof s.from === 'string' && /^\/(?![/\\])/.test(s.from) ? s.from : undefined,
  }),
  component: lazyRouteComponent(() => import('@/features/auth/LoginPage'), 'LoginPage'),
});
const invite = createRoute({
  getParentRoute: () => root,
  path: '/invite/$token',
  component: lazyRouteComponent(() => import('@/features/auth/InvitePage'), 'InvitePage'),
});
const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  component: lazyRouteComponent(() => import('@/features/setup/SetupPage'), 'SetupPage'),
});

// ---- behind it

/** What every page behind the log-in draws with, asked for at once rather than as each part appears. */
function prefetchFirst(client: QueryClient): void {
  client.prefetchQuery(countsQuery);
  client.prefetchQuery(usersQuery);
  client.prefetchQuery(channelsQuery);
  client.prefetchQuery(inboxesQuery);
  client.prefetchQuery(viewsQuery);
}

const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  component: Shell,
  beforeLoad: async ({ context, location }) => {
    try {
      await context.client.ensureQueryData(meQuery);
      prefetchFirst(context.client);
    } catch (error) {
      if (!(error instanceof ApiError) || error.kind !== 'unauthenticated') throw error;
      const { needed } = await context.client.fetchQuery({
        queryKey: keys.setup,
        queryFn: () => api.get<{ needed: boolean }>('/setup'),
        staleTime: 0,
      });
      if (needed) throw redirect({ to: '/setup' });
      throw redirect({ to: '/login', search: { from: location.href === '/' ? undefined : location.href } });
    }
  },
});

const work = createRoute({
  getParentRoute: () => inside,
  id: 'work',
  validateSearch: listSearch,
  loaderDeps: ({ search }) => toFilter(search),
  loader: ({ context, deps }) => {
    // Not waited for: the page has its own skeleton.
    context.client.prefetchInfiniteQuery(conversationListQuery(deps));
  },
  component: lazyRouteComponent(() => import('@/features/conversations/Workspace'), 'Workspace'),
});
const home = createRoute({ getParentRoute: () => work, path: '/' });
const conversation = createRoute({ getParentRoute: () => work, path: '/c/$conversationId' });

const contacts = createRoute({
  getParentRoute: () => inside,
  path: '/contacts',
  component: lazyRouteComponent(() => import('@/features/contacts/ContactsPage'), 'ContactsPage'),
});
const contact = createRoute({
  getParentRoute: () => inside,
  path: '/contacts/$contactId',
  component: lazyRouteComponent(() => import('@/features/contacts/ContactPage'), 'ContactPage'),
});
const search = createRoute({
  getParentRoute: () => inside,
  path: '/search',
  validateSearch: (
    s: Record<string, unknown>,
  ): { q?: string; kind?: string; inbox_id?: string; from?: string; to?: string } => {
    const out: Record<string, string> = {};
    for (const key of ['q', 'kind', 'inbox_id', 'from', 'to'])
      if (s[key] !== undefined && s[key] !== '') out[key] = String(s[key]);
    return out;
  },
  component: lazyRouteComponent(() => import('@/features/search/SearchPage'), 'SearchPage'),
});
const profile = createRoute({
  getParentRoute: () => inside,
  path: '/profile',
  component: lazyRouteComponent(() => import('@/features/profile/ProfilePage'), 'ProfilePage'),
});
const settings = createRoute({
  getParentRoute: () => inside,
  path: '/settings',
  component: lazyRouteComponent(() => import('@/features/settings/SettingsPage'), 'SettingsPage'),
});
const settingsSection = createRoute({
  getParentRoute: () => inside,
  path: '/settings/$section',
  component: lazyRouteComponent(() => import('@/features/settings/SettingsPage'), 'SettingsPage'),
});
const settingsItem = createRoute({
  getParentRoute: () => inside,
  path: '/settings/$section/$id',
  component: lazyRouteComponent(() => import('@/features/settings/SettingsPage'), 'SettingsPage'),
});

const tree = root.addChildren([
  login,
  invite,
  setup,
  inside.addChildren([
    work.addChildren([home, conversation]),
    contacts,
    contact,
    search,
    profile,
    settings,
    settingsSection,
    settingsItem,
  ]),
]);

/** Query strings as people read them: ?scope=mine&unread=true, ids stay strings. */
function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

function stringifySearch(search: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(search))
    if (value !== undefined && value !== null && value !== '') query.set(key, String(value));
  const tail = query.toString();
  return tail ? `?${tail}` : '';
}

export function newRouter(client: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { client },
    parseSearch,
    stringifySearch,
    defaultPreload: 'intent',
    defaultPendingMs: 200,
    defaultPendingComponent: PagePending,
    defaultErrorComponent: PageCrash,
    defaultNotFoundComponent: NotFound,
    scrollRestoration: false,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof newRouter>;
  }
}
