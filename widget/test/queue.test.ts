import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { NewMessage } from '../src/core/api';
import { newId, Queue, type QueueDeps } from '../src/core/queue';
import { type Blobs, memoryStore, openBlobs, type Store } from '../src/core/store';
import { type Entry, type FileRef, Problem } from '../src/core/types';

/** A server that commits by client id, and fails as it is told. */
class Server {
  readonly log: NewMessage[] = [];
  readonly uploads: string[] = [];
  /** What happens to the next requests: before or after they are committed. */
  readonly faults: ('before' | 'after' | Problem)[] = [];
  sessions = 0;

  private fault(commit: () => void): void {
    const f = this.faults.shift();
    if (f === 'before') throw new Problem(0, 'widget.unreachable');
    if (f instanceof Problem) throw f;
    commit();
    if (f === 'after') throw new Problem(0, 'widget.unreachable');
  }
  async send(m: NewMessage): Promise<Entry> {
    this.fault(() => {
      if (!this.log.some((k) => k.client_id === m.client_id)) this.log.push(m);
    });
    return { seq: this.log.length, id: `v.${m.client_id}`, kind: 'message', own: false, at: new Date().toISOString(), text: m.text };
  }
  async upload(id: string): Promise<FileRef> {
    this.fault(() => {
      if (!this.uploads.includes(id)) this.uploads.push(id);
    });
    return { id: `remote-${id}`, kind: 'image', name: 'a.png', mime: 'image/png', size: 1 };
  }
  get texts() {
    return this.log.map((m) => m.text);
  }
}

let server: Server;
let store: Store;
let blobs: Blobs;
let pauses: number[];
let form: boolean;
let blockedBy: Problem | undefined;
let shown: string[];

/** A page: what a reload makes anew over the same storage. */
function page(more: Partial<QueueDeps> = {}): Queue {
  return new Queue({
    store,
    blobs,
    upload: (f, _blob, progress) => {
      progress(0.5);
      return server.upload(f.id);
    },
    send: (m) => server.send(m),
    session: async (stale) => {
      if (stale) server.sessions++;
    },
    ready: (item) => item.profile !== undefined || !form,
    blocked: (p) => {
      blockedBy = p;
      form = true;
    },
    sent: (item) => shown.push(item.text ?? ''),
    changed: () => {},
    now: () => 1000,
    wait: async (ms) => void pauses.push(ms),
    lock: (act) => act(),
    ...more,
  });
}

const settled = async (q: Queue) => {
  for (let i = 0; i < 500 && q.items.some((x) => x.error === undefined); i++) await new Promise((r) => setTimeout(r, 0));
};

beforeEach(() => {
  server = new Server();
  store = memoryStore();
  blobs = openBlobs(`test-${newId()}`);
  pauses = [];
  form = false;
  blockedBy = undefined;
  shown = [];
});

describe('queue', () => {
  it('sends in order and forgets what is committed', async () => {
    const q = page();
    for (const text of ['1', '2', '3']) await q.add({ id: newId(), text });
    await settled(q);
    expect(server.texts).toEqual(['1', '2', '3']);
    expect(q.items).toEqual([]);
    expect(store.keys('q.')).toEqual([]);
  });

  it('neither loses nor doubles over lost requests and lost answers', async () => {
    server.faults.push('before', 'after', 'after', 'before', 'after');
    const q = page();
    for (const text of ['1', '2', '3']) await q.add({ id: newId(), text });
    await settled(q);
    expect(server.texts).toEqual(['1', '2', '3']);
    expect(shown).toEqual(['1', '2', '3']);
    expect(pauses.length).toBe(5);
  });

  it('pauses longer and longer, and anew after a success', async () => {
    server.faults.push('before', 'before', 'before');
    const q = page();
    await q.add({ id: newId(), text: '1' });
    await settled(q);
    server.faults.push('before');
    await q.add({ id: newId(), text: '2' });
    await settled(q);
    expect(pauses).toEqual([1000, 2000, 4000, 1000]);
  });

  it('survives a reload in the middle', async () => {
    const q = page({ send: () => new Promise(() => {}) }); // the answer never comes
    await q.add({ id: 'aaaaaaaa', text: '1' });
    await q.add({ id: 'bbbbbbbb', text: '2' });
    await server.send({ client_id: 'aaaaaaaa', text: '1' }); // but the first was committed
    const next = page();
    expect(next.items.map((i) => i.text)).toEqual(['1', '2']);
    next.poke();
    await settled(next);
    expect(server.texts).toEqual(['1', '2']);
  });

  it('keeps files over a reload and uploads each once', async () => {
    const q = page({ upload: () => new Promise(() => {}) });
    await q.add({ id: newId(), text: 'with a file', files: [{ id: 'file-one', name: 'a.png', size: 3, mime: 'image/png' }] }, [new Blob(['abc'])]);
    const next = page();
    server.faults.push('after', 'before', 'after');
    next.poke();
    await settled(next);
    expect(server.uploads).toEqual(['file-one']);
    expect(server.log.map((m) => m.files)).toEqual([['remote-file-one']]);
    expect(await blobs.get('file-one')).toBeUndefined();
  });

  it('says so when the browser lost a file', async () => {
    const q = page();
    await q.add({ id: newId(), files: [{ id: 'gone', name: 'a.png', size: 3, mime: 'image/png' }] });
    await settled(q);
    expect(q.items[0]?.error).toBe('widget.file_lost');
  });

  it('does not stop at a message that is refused', async () => {
    server.faults.push(new Problem(413, 'widget.text_too_long', 'text', { limit: 10 }));
    const q = page();
    await q.add({ id: newId(), text: 'too long' });
    await q.add({ id: newId(), text: 'fits' });
    await settled(q);
    expect(server.texts).toEqual(['fits']);
    expect(q.items[0]?.error).toBe('widget.text_too_long');
    expect(page().items[0]?.error).toBe('widget.text_too_long'); // over a reload too
    q.retry(q.items[0]?.id ?? '');
    await settled(q);
    expect(server.texts).toEqual(['fits', 'too long']);
  });

  it('waits as long as the server asks', async () => {
    server.faults.push(new Problem(429, 'widget.rate_limited', undefined, undefined, 7));
    const q = page();
    await q.add({ id: newId(), text: '1' });
    await settled(q);
    expect(pauses).toEqual([7000]);
    expect(server.texts).toEqual(['1']);
  });

  it('opens a new session when the old one is gone', async () => {
    server.faults.push(new Problem(401, 'widget.session_gone'));
    const q = page();
    await q.add({ id: newId(), text: '1' });
    await settled(q);
    expect(server.sessions).toBe(1);
    expect(server.texts).toEqual(['1']);
  });

  it('holds everything but the form until it is filled in', async () => {
    form = true;
    const q = page();
    await q.add({ id: newId(), text: 'question' });
    await new Promise((r) => setTimeout(r, 5));
    expect(server.log).toEqual([]);
    form = false;
    await q.add({ id: newId(), profile: { phone: '+7' } }, [], true);
    await settled(q);
    expect(server.log.map((m) => m.profile?.phone ?? m.text)).toEqual(['+7', 'question']);
  });

  it('shows the form when the server demands it', async () => {
    server.faults.push(new Problem(403, 'widget.consent_required'));
    const q = page();
    await q.add({ id: newId(), text: '1' });
    await new Promise((r) => setTimeout(r, 5));
    expect(blockedBy?.code).toBe('widget.consent_required');
    expect(q.items.length).toBe(1);
    form = false;
    q.poke();
    await settled(q);
    expect(server.texts).toEqual(['1']);
  });

  it('hurries when the network is back', async () => {
    let woken = 0;
    server.faults.push('before');
    const q = page({ wait: () => new Promise(() => {}) });
    await q.add({ id: newId(), text: '1' });
    await new Promise((r) => setTimeout(r, 5));
    expect(server.log).toEqual([]);
    q.poke();
    woken++;
    await settled(q);
    expect([woken, server.texts]).toEqual([1, ['1']]);
  });

  it('does not repeat what another tab has sent, and takes over what it left', async () => {
    let release = () => {};
    const gate = new Promise<void>((r) => {
      release = r;
    });
    const a = page({ lock: async (act) => { await gate; return act(); } });
    await a.add({ id: 'aaaaaaaa', text: '1' });
    const b = page();
    b.poke();
    await settled(b);
    release();
    await settled(a);
    expect(server.texts).toEqual(['1']);
    expect(a.items).toEqual([]);
    const c = page({ send: () => new Promise(() => {}) });
    await c.add({ id: 'cccccccc', text: 'left behind' });
    b.refresh();
    await settled(b);
    expect(server.texts).toEqual(['1', 'left behind']);
  });

  it('forgets an unreadable item instead of failing for ever', () => {
    store.set('q.broken', '{');
    store.set('q.null', 'null');
    expect(page().items).toEqual([]);
  });
});
