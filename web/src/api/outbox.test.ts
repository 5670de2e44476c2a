import { QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { item } from '@/test/make';
import { keys } from './keys';
import { clearOutbox, drop, pending, resend, resendWaiting, send } from './outbox';
import type { Window } from './timeline-cache';

const draft = (text: string) => ({
  conversation_id: '1',
  note: false,
  channel_id: '5',
  content: { text },
  files: [],
});
const answer = (status: number, body: unknown) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } });
let client: QueryClient;
let calls: { url: string; body: { client_id: string; content: { text: string } }; key: string | null }[];
let reply: (n: number) => Response | Error;

beforeEach(() => {
  client = new QueryClient();
  client.setQueryData<Window>(keys.items('1'), { items: [], has_before: false, has_after: false });
  calls = [];
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    calls.push({
      url,
      body: JSON.parse(String(init.body)),
      key: new Headers(init.headers).get('Idempotency-Key'),
    });
    const r = reply(calls.length);
    if (r instanceof Error) throw r;
    return r;
  });
});

afterEach(() => {
  clearOutbox();
  vi.unstubAllGlobals();
});

const taken = (n: number) =>
  answer(
    201,
    item({
      id: String(500 + n),
      direction: 'out',
      client_id: calls[n - 1]?.body.client_id,
      content: calls[n - 1]?.body.content,
    }),
  );
const texts = () => client.getQueryData<Window>(keys.items('1'))?.items.map((i) => i.content.text);

describe('send', () => {
  it('keeps what events brought before the answer', async () => {
    reply = (n) => {
      client.setQueryData<Window>(keys.items('1'), {
        items: [item({ id: String(500 + n), direction: 'out', state: 'read' })],
        has_before: false,
        has_after: false,
      });
      return answer(201, item({ id: String(500 + n), direction: 'out', state: 'queued' }));
    };
    send(client, draft('one'));
    await vi.waitFor(() => expect(pending()).toEqual([]));
    expect(client.getQueryData<Window>(keys.items('1'))?.items.map((i) => i.state)).toEqual(['read']);
  });

  it('shows a message at once and hands over to the item', async () => {
    reply = taken;
    const id = send(client, draft('one'));
    expect(pending()).toMatchObject([{ client_id: id, state: 'sending' }]);
    await vi.waitFor(() => expect(pending()).toEqual([]));
    expect(texts()).toEqual(['one']);
    expect(calls[0]?.key).toBe(id);
  });

  it('keeps the order of what was said', async () => {
    reply = taken;
    for (const text of ['one', 'two', 'three']) send(client, draft(text));
    await vi.waitFor(() => expect(pending()).toEqual([]));
    expect(calls.map((c) => c.body.content.text)).toEqual(['one', 'two', 'three']);
  });

  it('waits out a lost connection and repeats under the same id, later words behind it', async () => {
    reply = (n) => (n === 1 ? new TypeError('offline') : taken(n));
    const id = send(client, draft('one'));
    send(client, draft('two'));
    await vi.waitFor(() => expect(pending()[0]?.state).toBe('waiting'));
    expect(calls).toHaveLength(1);
    resendWaiting();
    await vi.waitFor(() => expect(pending()).toEqual([]));
    expect(calls.map((c) => c.body.content.text)).toEqual(['one', 'one', 'two']);
    expect([calls[0]?.key, calls[1]?.key]).toEqual([id, id]);
    expect(texts()).toEqual(['one', 'two']);
  });

  it('says why something was refused, and lets it be tried again', async () => {
    reply = (n) => (n === 1 ? answer(422, { code: 'message.too_long' }) : taken(n));
    const id = send(client, draft('one'));
    await vi.waitFor(() => expect(pending()[0]?.state).toBe('failed'));
    expect(pending()[0]?.error?.code).toBe('message.too_long');
    expect(texts()).toEqual([]);
    resend(client, id);
    await vi.waitFor(() => expect(pending()).toEqual([]));
    expect(texts()).toEqual(['one']);
  });

  it('forgets what its author gives up, and goes on with the rest', async () => {
    reply = (n) => (n === 1 ? new TypeError('offline') : taken(n));
    const id = send(client, draft('one'));
    send(client, draft('two'));
    await vi.waitFor(() => expect(pending()[0]?.state).toBe('waiting'));
    drop(id);
    await vi.waitFor(() => expect(pending()).toEqual([]));
    expect(texts()).toEqual(['two']);
  });
});
