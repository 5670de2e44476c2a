import type { QueryClient } from '@tanstack/react-query';
import { findIn, type ListData, matches, patchInPlace, place } from '../conversation-list';
import { keys } from '../keys';
import { drop } from '../outbox';
import { mergeItem, updateItem, type Window } from '../timeline-cache';
import type {
  Channel,
  Contact,
  Conversation,
  Counts,
  Event,
  Filter,
  ID,
  Item,
  Me,
  Notification,
  User,
} from '../types';
import { heard } from './signals';

/** What the page knows that the cache does not. */
export interface LiveContext {
  /** The conversation before the reader's eyes, if its end is in sight and the page too. */
  reading: () => ID | undefined;
  /** Asks for one conversation's own unread count, where events alone cannot tell it. */
  learn: (id: ID) => void;
  /** Asks for the tabs' counts again, not at once. */
  recount: () => void;
}

type Entry = [readonly unknown[], ListData | undefined];

function lists(client: QueryClient): Entry[] {
  return client.getQueriesData<ListData>({ queryKey: [...keys.conversations, 'list'] });
}

const filterOf = (key: readonly unknown[]): Filter => key[2] as Filter;

export function cachedConversation(client: QueryClient, id: ID): Conversation | undefined {
  const one = client.getQueryData<Conversation>(keys.conversation(id));
  if (one) return one;
  for (const [, data] of lists(client)) {
    const c = findIn(data, id);
    if (c) return c;
  }
  return undefined;
}

/** Changes a conversation in every list and its own entry without moving it. */
export function patchConversation(
  client: QueryClient,
  id: ID,
  patch: (c: Conversation) => Conversation,
): void {
  for (const [key, data] of lists(client)) if (data) client.setQueryData(key, patchInPlace(data, id, patch));
  client.setQueryData<Conversation>(keys.conversation(id), (c) => c && patch(c));
}

/** Puts a conversation's new state into every list it belongs to, and keeps the tabs' counts. */
export function upsertConversation(client: QueryClient, next: Conversation, me: ID): void {
  const before = cachedConversation(client, next.id);
  for (const [key, data] of lists(client))
    if (data) client.setQueryData(key, place(data, next, filterOf(key), me));
  client.setQueryData<Conversation>(
    keys.conversation(next.id),
    (c) => c && { ...c, ...next, first_unread_id: c.first_unread_id },
  );
  if (before) count(client, before, next, me);
}

const tabs = ['mine', 'unassigned', 'all', 'mentions'] as const;

/** Moves the counts by what changed between two states of one conversation. */
export function count(client: QueryClient, before: Conversation, after: Conversation, me: ID): void {
  client.setQueryData<Counts>(keys.counts, (counts) => {
    if (!counts) return counts;
    const next = { ...counts };
    for (const scope of tabs)
      next[scope] = Math.max(
        0,
        next[scope] + Number(matches(after, { scope }, me)) - Number(matches(before, { scope }, me)),
      );
    next.unread = Math.max(0, next.unread + Number(after.unread > 0) - Number(before.unread > 0));
    return next;
  });
}

/** An event's conversation lacks what is each agent's own: that is kept from what we have. */
function withOwn(fresh: Conversation, known: Conversation | undefined): Conversation {
  return {
    ...fresh,
    unread: known?.unread ?? 0,
    mentioned: known?.mentioned ?? false,
    has_draft: known?.has_draft ?? false,
    draft_text: known?.draft_text,
    first_unread_id: known?.first_unread_id,
  };
}

function onConversation(client: QueryClient, fresh: Conversation, me: ID, ctx: LiveContext): void {
  const known = cachedConversation(client, fresh.id);
  upsertConversation(client, withOwn(fresh, known), me);
  if (!known) {
    ctx.recount();
    if (lists(client).some(([key]) => matches(fresh, filterOf(key), me))) ctx.learn(fresh.id);
  }
}

const counted = (item: Item) => item.direction === 'in' && item.kind !== 'event' && item.kind !== 'note';

function onNewItem(client: QueryClient, item: Item, me: ID, ctx: LiveContext): void {
  client.setQueryData<Window>(keys.items(item.conversation_id), (w) => w && mergeItem(w, item));
  if (item.client_id) drop(item.client_id);
  client.invalidateQueries({ queryKey: keys.contactTimeline(item.contact_id) });
  if (item.direction === 'in') heard(item.conversation_id);
  // A word from the customer opens channels and windows that were closed; what happens may close them.
  if (item.direction === 'in' || item.kind === 'event')
    client.invalidateQueries({ queryKey: keys.targets(item.conversation_id) });
  const mentioned = item.mentions?.includes(me) && item.author.id !== me;
  const unread = counted(item) && ctx.reading() !== item.conversation_id;
  if (!unread && !mentioned) return;
  const before = cachedConversation(client, item.conversation_id);
  if (!before) return;
  const after = {
    ...before,
    unread: before.unread + Number(unread),
    mentioned: before.mentioned || !!mentioned,
  };
  if (mentioned && !before.mentioned) upsertConversation(client, after, me);
  else {
    patchConversation(client, item.conversation_id, (c) => ({ ...c, unread: after.unread }));
    count(client, before, after, me);
  }
}

/** The reader has seen a conversation (here or in another tab). */
export function markRead(client: QueryClient, id: ID, me: ID): void {
  const before = cachedConversation(client, id);
  if (!before || (before.unread === 0 && !before.mentioned)) return;
  patchConversation(client, id, (c) => ({ ...c, unread: 0, mentioned: false }));
  // The row stays where it is, even on the mentions' tab, until the list is asked for again.
  count(client, before, { ...before, unread: 0, mentioned: false }, me);
}

function onContact(client: QueryClient, contact: Contact): void {
  client.setQueryData<Contact>(keys.contact(contact.id), (c) => (c ? contact : c));
  client.invalidateQueries({ queryKey: [...keys.contacts, 'list'] });
  const brief = {
    id: contact.id,
    name: contact.name,
    avatar_url: contact.avatar_url,
    color: contact.color,
    company: contact.company,
    blocked: contact.blocked,
  };
  for (const [key, data] of lists(client)) {
    if (!data) continue;
    const pages = data.pages.map((page) =>
      page.items.some((c) => c.contact.id === contact.id)
        ? {
            ...page,
            items: page.items.map((c) =>
              c.contact.id === contact.id ? { ...c, contact: brief, tag_ids: contact.tag_ids } : c,
            ),
          }
        : page,
    );
    if (pages.some((p, i) => p !== data.pages[i])) client.setQueryData(key, { ...data, pages });
  }
  client.setQueriesData<Conversation>({ queryKey: [...keys.conversations, 'one'] }, (c) =>
    c && c.contact.id === contact.id ? { ...c, contact: brief, tag_ids: contact.tag_ids } : c,
  );
}

export function replaceIn<T extends { id: ID }>(list: T[] | undefined, thing: T): T[] | undefined {
  if (!list) return list;
  return list.some((x) => x.id === thing.id)
    ? list.map((x) => (x.id === thing.id ? thing : x))
    : [...list, thing];
}

function onChannel(client: QueryClient, event: Event): void {
  const gone = event.type === 'channel.deleted' ? (event.channel?.id ?? event.ids?.channel_id) : undefined;
  if (gone) client.setQueryData<Channel[]>(keys.channels, (list) => list?.filter((c) => c.id !== gone));
  else if (event.channel)
    client.setQueryData<Channel[]>(keys.channels, (list) => replaceIn(list, event.channel as Channel));
  else client.invalidateQueries({ queryKey: keys.channels });
  client.invalidateQueries({ queryKey: ['targets'] });
}

export function onUser(client: QueryClient, user: User): void {
  client.setQueryData<User[]>(keys.users, (list) => replaceIn(list, user));
  client.setQueryData<Me>(keys.me, (me) => (me && me.user.id === user.id ? { ...me, user } : me));
}

const lookups: Record<string, readonly unknown[]> = {
  'team.updated': keys.teams,
  'inbox.updated': keys.inboxes,
  'tag.updated': keys.tags,
  'canned.updated': keys.canned,
  'field.updated': keys.fields,
  'view.updated': keys.views,
  'workspace.updated': keys.me,
};

/** Brings one event into every cache it touches. */
export function applyEvent(client: QueryClient, event: Event, ctx: LiveContext): void {
  const me = client.getQueryData<Me>(keys.me)?.user.id ?? '';
  if (event.item && event.type === 'item.created') onNewItem(client, event.item, me, ctx);
  else if (event.item && event.type === 'item.updated') {
    const item = event.item;
    client.setQueryData<Window>(keys.items(item.conversation_id), (w) => w && updateItem(w, item));
  }
  if (event.conversation) onConversation(client, event.conversation, me, ctx);
  if (event.contact) onContact(client, event.contact);
  if (event.type === 'contact.merged' || event.type === 'contact.unmerged') {
    client.invalidateQueries({ queryKey: keys.contacts });
    client.invalidateQueries({ queryKey: keys.conversations });
    client.invalidateQueries({ queryKey: ['items'] });
  }
  if (event.type.startsWith('channel.')) onChannel(client, event);
  if (event.user) onUser(client, event.user);
  if (event.notification) {
    const n = event.notification;
    client.setQueryData<{ items: Notification[] }>(keys.notifications, (list) =>
      list && Array.isArray(list.items) && !list.items.some((x) => x.id === n.id)
        ? { ...list, items: [n, ...list.items] }
        : list,
    );
  }
  const lookup = lookups[event.type];
  if (lookup) client.invalidateQueries({ queryKey: lookup, exact: true });
}
