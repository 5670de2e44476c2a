import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it } from 'vitest';
import { listSearch, toFilter } from '@/app/list-search';
import { takeAsked } from './asked';
import { url } from './client';

const code = readFileSync(join(import.meta.dirname, '../../public/start.js'), 'utf8');

/** Runs start.js on a page of its own and tells what it asked for. */
async function start(address: string, status = 200): Promise<string[]> {
  const { pathname, search } = new URL(address, 'http://okno.test');
  const asked: string[] = [];
  const window: Record<string, unknown> = {};
  const document = {
    documentElement: { setAttribute() {} },
    querySelector: () => null,
    currentScript: { dataset: {} },
  };
  const fetch = async (path: string) => {
    asked.push(path);
    return { ok: status === 200 };
  };
  runInNewContext(code, {
    window,
    document,
    fetch,
    location: { pathname, search },
    navigator: { language: 'ru' },
    matchMedia: () => ({ matches: false }),
    localStorage: { getItem: () => null },
    URLSearchParams,
  });
  await new Promise((done) => setImmediate(done));
  return asked;
}

const listOf = (query: string) =>
  url('/conversations', {
    ...toFilter(listSearch(Object.fromEntries(new URLSearchParams(query)))),
    limit: 100,
  } as never);

describe('what is asked before the program is there', () => {
  for (const query of [
    '',
    'scope=all',
    'scope=unassigned&unread=true&waiting=false',
    'tag_id=3&assignee_id=2&inbox_id=1&channel_kind=max&team_id=4&status=any&sort=waiting&waiting=true&item=9',
  ]) {
    it(`is the list that the program will ask for: ?${query}`, async () => {
      expect(await start(`/?${query}`)).toContain(listOf(query));
    });
  }

  it('with a conversation, the conversation and its items', async () => {
    const asked = await start('/c/77?scope=all');
    expect(asked).toContain(url('/conversations/77'));
    expect(asked).toContain(url('/conversations/77/items', { limit: 60 }));
  });

  it('begins with who asks, and ends there without a log-in', async () => {
    expect((await start('/'))[0]).toBe('/api/v1/me');
    expect(await start('/', 401)).toEqual(['/api/v1/me']);
  });

  it('is only who asks elsewhere, and nothing before a log-in', async () => {
    expect(await start('/contacts')).toEqual(['/api/v1/me']);
    expect(await start('/login')).toEqual([]);
  });
});

describe('an early answer', () => {
  const answer = new Response('{}');
  const ask = (at: number) => {
    globalThis.oknoAsked = { at, answers: new Map([['/api/v1/me', Promise.resolve(answer)]]) };
  };
  afterEach(() => {
    globalThis.oknoAsked = undefined;
  });

  it('is taken once', async () => {
    ask(Date.now());
    expect(await takeAsked('/api/v1/me')).toBe(answer);
    expect(takeAsked('/api/v1/me')).toBeUndefined();
  });

  it('is left when it is old', () => {
    ask(Date.now() - 60_000);
    expect(takeAsked('/api/v1/me')).toBeUndefined();
  });
});
