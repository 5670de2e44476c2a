import { QueryClient } from '@tanstack/react-query';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { conversation, event, item } from '@/test/make';
import type { ListData } from '../conversation-list';
import { flatten } from '../conversation-list';
import { keys } from '../keys';
import type { Window } from '../timeline-cache';
import type { Counts, Filter, Me } from '../types';
import { applyEvent, type LiveContext, markRead } from './apply';

const all: Filter = { scope: 'all' };
const mine: Filter = { scope: 'mine' };
let client: QueryClient;
let ctx: LiveContext & { readingId?: string };

beforeEach(() => {
  client = new QueryClient();
  client.setQueryData(keys.me, { user: { id: 'me' } } as Me);
  client.setQueryData<Counts>(keys.counts, {
    mine: 1,
    unassigned: 1,
    all: 2,
    mentions: 0,
    unread: 0,
    by_view: {},
  });
  const list = (items: ReturnType<typeof conversation>[]): ListData => ({
    pages: [{ items }],
    pageParams: [undefined],
  });
  client.setQueryData(
    keys.conversationList(all),
    list([
      conversation({ id: '1', last_at: '2026-11-24T10:05:00.000Z' }),
      conversation({ id: '2', assignee_id: 'me' }),
    ]),
  );
  client.setQueryData(keys.conversationList(mine), list([conversation({ id: '2', assignee_id: 'me' })]));
  client.setQueryData<Window>(keys.items('2'), {
    items: [item({ id: '10', conversation_id: '2' })],
    has_before: false,
    has_after: false,
  });
  ctx = { reading: () => ctx.readingId, learn: vi.fn(), recount: vi.fn() };
});

const rows = (f: Filter) => flatten(client.getQueryData<ListData>(keys.conversationList(f)));
const counts = () => client.getQueryData<Counts>(keys.counts) as Counts;

describe('applyEvent', () => {
  it('adds a message to its timeline and counts it as unread', () => {
    applyEvent(
      client,
      event({ id: '1', type: 'item.created', item: item({ id: '11', conversation_id: '2' }) }),
      ctx,
    );
    expect(client.getQueryData<Window>(keys.items('2'))?.items.map((i) => i.id)).toEqual(['10', '11']);
    expect(rows(all).find((c) => c.id === '2')?.unread).toBe(1);
    expect(counts().unread).toBe(1);
  });

  it('counts nothing in the conversation that is being read', () => {
    ctx.readingId = '2';
    applyEvent(
      client,
      event({ id: '1', type: 'item.created', item: item({ id: '11', conversation_id: '2' }) }),
      ctx,
    );
    expect(rows(all).find((c) => c.id === '2')?.unread).toBe(0);
  });

  it('counts neither our own words nor notes nor events', () => {
    for (const part of [
      { direction: 'out' as const },
      { kind: 'note' as const, direction: '' as const },
      { kind: 'event' as const, direction: '' as const },
    ]) {
      applyEvent(
        client,
        event({ id: '1', type: 'item.created', item: item({ id: '12', conversation_id: '2', ...part }) }),
        ctx,
      );
    }
    expect(counts().unread).toBe(0);
  });

  it('moves a conversation up and keeps what is the agent’s own', () => {
    applyEvent(
      client,
      event({ id: '1', type: 'item.created', item: item({ id: '11', conversation_id: '2' }) }),
      ctx,
    );
    applyEvent(
      client,
      event({
        id: '2',
        type: 'conversation.updated',
        conversation: conversation({
          id: '2',
          assignee_id: 'me',
          unread: 0,
          last_at: '2026-11-24T11:00:00.000Z',
        }),
      }),
      ctx,
    );
    expect(rows(all).map((c) => c.id)).toEqual(['2', '1']);
    expect(rows(all)[0]?.unread).toBe(1);
  });

  it('brings an assigned conversation onto one’s own tab and counts it', () => {
    applyEvent(
      client,
      event({
        id: '1',
        type: 'conversation.updated',
        conversation: conversation({ id: '1', assignee_id: 'me' }),
      }),
      ctx,
    );
    expect(
      rows(mine)
        .map((c) => c.id)
        .sort(),
    ).toEqual(['1', '2']);
    expect(counts()).toMatchObject({ mine: 2, unassigned: 0, all: 2 });
  });

  it('takes a resolved one out of every list', () => {
    applyEvent(
      client,
      event({
        id: '1',
        type: 'conversation.updated',
        conversation: conversation({ id: '2', assignee_id: 'me', status: 'resolved' }),
      }),
      ctx,
    );
    expect(rows(all).map((c) => c.id)).toEqual(['1']);
    expect(counts()).toMatchObject({ mine: 0, all: 1 });
  });

  it('asks for the own part of a conversation that it did not know', () => {
    applyEvent(
      client,
      event({
        id: '1',
        type: 'conversation.created',
        conversation: conversation({ id: '3', last_at: '2026-11-24T12:00:00.000Z' }),
      }),
      ctx,
    );
    expect(rows(all)[0]?.id).toBe('3');
    expect(ctx.learn).toHaveBeenCalledWith('3');
    expect(ctx.recount).toHaveBeenCalled();
  });

  it('marks a conversation whose note calls the reader', () => {
    applyEvent(
      client,
      event({
        id: '1',
        type: 'item.created',
        item: item({
          id: '11',
          conversation_id: '1',
          kind: 'note',
          direction: '',
          mentions: ['me'],
          author: { type: 'user', id: 'you', name: 'Pavel' },
        }),
      }),
      ctx,
    );
    expect(rows(all).find((c) => c.id === '1')?.mentioned).toBe(true);
    expect(counts().mentions).toBe(1);
  });

  it('changes a delivery state in place', () => {
    applyEvent(
      client,
      event({
        id: '1',
        type: 'item.updated',
        item: item({ id: '10', conversation_id: '2', state: 'delivered' }),
      }),
      ctx,
    );
    expect(client.getQueryData<Window>(keys.items('2'))?.items[0]?.state).toBe('delivered');
  });
});

describe('markRead', () => {
  it('clears the badge and the count, and leaves the row where it is', () => {
    applyEvent(
      client,
      event({ id: '1', type: 'item.created', item: item({ id: '11', conversation_id: '2' }) }),
      ctx,
    );
    markRead(client, '2', 'me');
    expect(rows(all).map((c) => [c.id, c.unread])).toEqual([
      ['1', 0],
      ['2', 0],
    ]);
    expect(counts().unread).toBe(0);
  });
});
