import { useQuery } from '@tanstack/react-query';
import { api } from './client';
import { keys } from './keys';
import type { CannedReply, Channel, ContactField, ID, Inbox, List, Me, Tag, Team, User, View } from './types';

// The small things that every page needs and events keep current: people, teams, inboxes, channels, tags…

export const meQuery = {
  queryKey: keys.me,
  queryFn: ({ signal }: { signal: AbortSignal }) => api.get<Me>('/me', undefined, { signal }),
};

/** Reads a whole list whatever its length: reference lists are short, but may pass one page. */
export async function readAll<T>(path: string, signal?: AbortSignal): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | undefined;
  do {
    const page: List<T> = await api.get<List<T>>(path, { limit: 200, cursor }, { signal });
    all.push(...page.items);
    cursor = page.next;
  } while (cursor);
  return all;
}

function list<T>(queryKey: readonly unknown[], path: string) {
  return { queryKey, queryFn: ({ signal }: { signal: AbortSignal }) => readAll<T>(path, signal) };
}

export const usersQuery = list<User>(keys.users, '/users');
export const teamsQuery = list<Team>(keys.teams, '/teams');
export const inboxesQuery = list<Inbox>(keys.inboxes, '/inboxes');
export const channelsQuery = list<Channel>(keys.channels, '/channels');
export const tagsQuery = list<Tag>(keys.tags, '/tags');
export const fieldsQuery = list<ContactField>(keys.fields, '/contact-fields');
export const cannedQuery = list<CannedReply>(keys.canned, '/canned-replies');
export const viewsQuery = list<View>(keys.views, '/views');

/** Who is logged in. Present on every page behind the log-in. */
export function useMe(): Me {
  const { data } = useQuery(meQuery);
  if (!data) throw new Error('useMe outside the logged-in part');
  return data;
}

/** Whether the person may do something, e.g. "conversation.assign". */
export function useCan(permission: string): boolean {
  return useMe().permissions.includes(permission);
}

interface Lookup<T> {
  all: T[];
  byId: Map<ID, T>;
  loading: boolean;
}

function useLookup<T extends { id: ID }>(query: {
  queryKey: readonly unknown[];
  queryFn: (c: { signal: AbortSignal }) => Promise<T[]>;
}): Lookup<T> {
  const { data, isLoading } = useQuery(query);
  return data ? lookupOf(data) : isLoading ? waiting : none;
}

const waiting: Lookup<never> = { all: [], byId: new Map<ID, never>(), loading: true };
const none: Lookup<never> = { all: [], byId: new Map<ID, never>(), loading: false };
// Every row of a list looks people and channels up: one index per answer, not one per row.
const lookups = new WeakMap<readonly unknown[], unknown>();

function lookupOf<T extends { id: ID }>(all: T[]): Lookup<T> {
  const known = lookups.get(all) as Lookup<T> | undefined;
  if (known) return known;
  const made: Lookup<T> = { all, byId: new Map(all.map((x) => [x.id, x])), loading: false };
  lookups.set(all, made);
  return made;
}

export const useUsers = (): Lookup<User> => useLookup(usersQuery);
export const useTeams = (): Lookup<Team> => useLookup(teamsQuery);
export const useInboxes = (): Lookup<Inbox> => useLookup(inboxesQuery);
export const useChannels = (): Lookup<Channel> => useLookup(channelsQuery);
export const useTags = (): Lookup<Tag> => useLookup(tagsQuery);
export const useFields = (): Lookup<ContactField> => useLookup(fieldsQuery);
export const useCanned = (): Lookup<CannedReply> => useLookup(cannedQuery);
export const useViews = (): Lookup<View> => useLookup(viewsQuery);
