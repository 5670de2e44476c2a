// What the visitor says waits here until the server has it. An item is
// written down before it is shown as waiting, and forgotten only after the
// server said that it is committed; the server knows it by its id, so that
// saying it again is harmless. Thus a reload, a lost network or a second tab
// neither lose nor double anything.
import type { NewMessage, UploadInfo } from './api';
import type { Blobs, Store } from './store';
import { type Entry, type FileRef, Problem, type Profile, type Quote } from './types';

export interface QueuedFile extends UploadInfo {
  size: number;
  mime: string;
  /** The server's reference once the bytes are there. */
  remote?: FileRef;
}

export interface Queued {
  id: string;
  /** Order in the queue, ms. */
  at: number;
  text?: string;
  files?: QueuedFile[];
  reply_to?: string;
  quote?: Quote;
  profile?: Profile;
  press?: NonNullable<NewMessage['press']>;
  page?: string;
  /** The code of a definite refusal; empty while there is hope. */
  error?: string;
  params?: Record<string, unknown>;
}

export interface QueueDeps {
  store: Store;
  blobs: Blobs;
  upload(file: QueuedFile, blob: Blob, progress: (part: number) => void): Promise<FileRef>;
  send(message: NewMessage): Promise<Entry>;
  /** Makes sure of a session; a 401 calls it with stale = true. */
  session(stale: boolean): Promise<void>;
  /** May anything be sent yet (consent, required particulars)? */
  ready(item: Queued): boolean;
  /** The server wants a form filled in first. */
  blocked(problem: Problem): void;
  sent(item: Queued, entry: Entry): void;
  changed(): void;
  now(): number;
  wait(ms: number): Promise<void>;
  /** Runs act while no other tab does the same. */
  lock<T>(act: () => Promise<T>): Promise<T>;
}

const firstPause = 1000;
const longestPause = 30_000;
const prefix = 'q.';

export class Queue {
  items: Queued[] = [];
  /** Upload progress by file id, 0…1. */
  readonly progress = new Map<string, number>();
  private running = false;
  private poked = false;
  private hurry: () => void = () => {};

  constructor(private readonly deps: QueueDeps) {
    this.load();
  }

  private load(): boolean {
    let grown = false;
    for (const key of this.deps.store.keys(prefix)) {
      const id = key.slice(prefix.length);
      if (this.items.some((i) => i.id === id)) continue;
      const item = this.read(id);
      if (item) this.items.push(item);
      grown ||= !!item;
    }
    this.items.sort((a, b) => a.at - b.at);
    return grown;
  }

  /** Takes over what another tab has put in: it may be closed by now. */
  refresh(): void {
    if (!this.load()) return;
    this.deps.changed();
    this.poke();
  }

  private read(id: string): Queued | undefined {
    try {
      return JSON.parse(this.deps.store.get(prefix + id) ?? 'null') ?? undefined;
    } catch {
      this.deps.store.remove(prefix + id);
      return undefined;
    }
  }

  private write(item: Queued): void {
    this.deps.store.set(prefix + item.id, JSON.stringify(item));
  }

  /** Puts an item in, behind the others or before them. */
  async add(item: Omit<Queued, 'at'>, blobs: Blob[] = [], first = false): Promise<void> {
    const times = this.items.map((i) => i.at);
    const at = first ? Math.min(this.deps.now(), ...times) - 1 : Math.max(this.deps.now(), ...times.map((t) => t + 1));
    const queued: Queued = { ...item, at };
    for (const [i, file] of (queued.files ?? []).entries()) {
      const blob = blobs[i];
      if (blob) await this.deps.blobs.set(file.id, blob);
    }
    this.write(queued);
    this.items.push(queued);
    this.items.sort((a, b) => a.at - b.at);
    this.deps.changed();
    this.poke();
  }

  retry(id: string): void {
    const item = this.items.find((i) => i.id === id);
    if (!item) return;
    item.error = undefined;
    this.write(item);
    this.deps.changed();
    this.poke();
  }

  /** Takes an item out: the server has it, or the visitor gave it up. */
  drop(id: string): void {
    const item = this.items.find((i) => i.id === id);
    if (!item) return;
    this.items = this.items.filter((i) => i !== item);
    this.deps.store.remove(prefix + id);
    for (const file of item.files ?? []) {
      this.progress.delete(file.id);
      void this.deps.blobs.remove(file.id);
    }
    this.deps.changed();
  }

  /** Works the queue off, now and not after a pause. */
  poke(): void {
    this.hurry();
    if (this.running) {
      this.poked = true;
      return;
    }
    this.running = true;
    void this.run().finally(() => {
      this.running = false;
      if (this.poked) {
        this.poked = false;
        this.poke();
      }
    });
  }

  private next(): Queued | undefined {
    const item = this.items.find((i) => i.error === undefined);
    return item && this.deps.ready(item) ? item : undefined;
  }

  private async run(): Promise<void> {
    let pause = firstPause;
    let stale = false;
    for (let item = this.next(); item; item = this.next()) {
      this.poked = false;
      const current = item;
      try {
        await this.deps.session(stale);
        stale = false;
        await this.deps.lock(() => this.deliver(current));
        pause = firstPause;
      } catch (err) {
        const p = err instanceof Problem ? err : new Problem(0, 'widget.unreachable');
        if (p.status === 401 && p.code.startsWith('widget.session')) {
          stale = true;
          // Its files belong to the session that is gone.
          for (const file of current.files ?? []) file.remote = undefined;
        } else if (p.code === 'widget.consent_required' || p.code === 'widget.profile_required') {
          this.deps.blocked(p);
          return;
        } else if (!p.passing) {
          current.error = p.code;
          current.params = p.params;
          this.write(current);
          this.deps.changed();
          continue;
        }
        await Promise.race([
          this.deps.wait(p.retryAfter > 0 ? p.retryAfter * 1000 : pause),
          // Somebody who pokes does not wait, unless the server asked us to.
          p.retryAfter > 0 ? new Promise<void>(() => {}) : new Promise<void>((resolve) => { this.hurry = resolve; }),
        ]);
        this.hurry = () => {};
        pause = Math.min(pause * 2, longestPause);
      }
    }
  }

  private async deliver(item: Queued): Promise<void> {
    if (!this.read(item.id)) {
      this.drop(item.id); // another tab has sent it
      return;
    }
    for (const file of item.files ?? []) {
      if (file.remote) continue;
      const blob = await this.deps.blobs.get(file.id);
      if (!blob) throw new Problem(410, 'widget.file_lost');
      file.remote = await this.deps.upload(file, blob, (part) => {
        this.progress.set(file.id, part);
        this.deps.changed();
      });
      this.write(item);
      this.deps.changed();
    }
    const message: NewMessage = { client_id: item.id };
    if (item.text) message.text = item.text;
    if (item.files) message.files = item.files.map((f) => f.remote?.id ?? '');
    if (item.reply_to) message.reply_to = item.reply_to;
    if (item.profile) message.profile = item.profile;
    if (item.press) message.press = item.press;
    if (item.page) message.page = item.page;
    const entry = await this.deps.send(message);
    this.deps.sent(item, entry);
    this.drop(item.id);
  }
}

/** An id that no other message has. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}
