import type { Conversation, Event, Item } from '@/api/types';

/** A conversation for tests; only what matters need be said. */
export function conversation(part: Partial<Conversation> = {}): Conversation {
  return {
    id: '1',
    inbox_id: '1',
    contact: { id: '9', name: 'Maria', color: 1 },
    status: 'open',
    preview: { kind: 'message', direction: 'in', text: '', at: '2026-11-24T10:00:00.000Z' },
    channel_kinds: ['telegram'],
    unread: 0,
    mentioned: false,
    has_draft: false,
    group: false,
    tag_ids: [],
    created_at: '2026-11-01T00:00:00.000Z',
    last_at: '2026-11-24T10:00:00.000Z',
    ...part,
  };
}

export function item(part: Partial<Item> = {}): Item {
  return {
    id: '100',
    conversation_id: '1',
    contact_id: '9',
    kind: 'message',
    direction: 'in',
    channel_id: '1',
    author: { type: 'contact', id: '9', name: 'Maria' },
    at: '2026-11-24T10:00:00.000Z',
    content: { text: 'hello' },
    files: [],
    reactions: [],
    ...part,
  };
}

export function event(part: Partial<Event> & Pick<Event, 'id' | 'type'>): Event {
  return { at: '2026-11-24T10:00:00.000Z', ...part };
}
