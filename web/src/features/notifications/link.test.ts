import { expect, it } from 'vitest';
import type { Notification } from '@/api/types';
import { markRead, targetOf, unreadCount } from './link';

const n = (part: Partial<Notification>): Notification => ({
  id: '1',
  kind: 'mention',
  text: '',
  at: '',
  ...part,
});

it('leads to the item, the channels, the webhooks or nowhere', () => {
  expect(targetOf(n({ conversation_id: '7', item_id: '9' }))).toMatchObject({
    params: { conversationId: '7' },
    search: { item: '9' },
  });
  expect(targetOf(n({ kind: 'channel_failing' }))).toMatchObject({ params: { section: 'channels' } });
  expect(targetOf(n({ kind: 'webhook_paused' }))).toMatchObject({ params: { section: 'webhooks' } });
  expect(targetOf(n({ kind: 'assigned' }))).toBeUndefined();
});

it('reads some or all, keeping when the others were read', () => {
  const list = [n({ id: '1' }), n({ id: '2', read_at: 'then' }), n({ id: '3' })];
  expect(unreadCount(list)).toBe(2);
  expect(markRead(list, ['3'], 'now').map((x) => x.read_at)).toEqual([undefined, 'then', 'now']);
  expect(markRead(list, undefined, 'now').map((x) => x.read_at)).toEqual(['now', 'then', 'now']);
});
