import type { Notification } from '@/api/types';

export type Target =
  | { to: '/c/$conversationId'; params: { conversationId: string }; search: { item?: string } }
  | { to: '/settings/$section'; params: { section: string } }
  | undefined;

/** Where a notification leads. */
export function targetOf(n: Notification): Target {
  if (n.conversation_id) {
    return {
      to: '/c/$conversationId',
      params: { conversationId: n.conversation_id },
      search: { item: n.item_id },
    };
  }
  if (n.kind === 'channel_failing') return { to: '/settings/$section', params: { section: 'channels' } };
  if (n.kind === 'webhook_paused') return { to: '/settings/$section', params: { section: 'webhooks' } };
  return undefined;
}

export function unreadCount(list: Notification[]): number {
  return list.filter((n) => !n.read_at).length;
}

/** The list with these (or all) read. */
export function markRead(list: Notification[], ids: string[] | undefined, at: string): Notification[] {
  return list.map((n) => (n.read_at || (ids && !ids.includes(n.id)) ? n : { ...n, read_at: at }));
}
