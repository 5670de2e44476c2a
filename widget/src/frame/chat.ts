// The state of an open widget, and everything that changes it.
import { Api, type Hello } from '../core/api';
import { Line, type LineState } from '../core/connection';
import { locked } from '../core/lock';
import { newId, Queue, type Queued, type QueuedFile } from '../core/queue';
import { type Blobs, openBlobs, type Store } from '../core/store';
import { clientId, type Message, Timeline } from '../core/timeline';
import type { Batch, Config, Entry, FileRef, Identity, Lang, Problem, Profile, Session } from '../core/types';
import { Asking } from './asking';
import { Reading } from './reading';

export interface Place {
  site: string;
  page: string;
  referrer: string;
}

export interface PickedFile {
  blob: Blob;
  name: string;
  kind?: string;
  duration?: number;
  peaks?: number[];
}

/** What the page around the frame is told. */
export interface Host {
  unread(count: number, author: string, text: string): void;
  session(has: boolean): void;
  close(): void;
}

const typingEvery = 2500;
const activityFor = 6000;
const reconnectAfter = 4000;

export class Chat {
  readonly blobs: Blobs;
  readonly api: Api;
  readonly queue: Queue;
  readonly line: Line;
  readonly reading: Reading;
  readonly asking: Asking;
  timeline = new Timeline();
  session: Session | undefined;
  lineState: LineState = 'off';
  activity = '';
  open = false;
  loading = false;
  replyTo: Message | undefined;
  /** Files chosen and not yet sent. */
  picked: PickedFile[] = [];
  notice = '';
  identity: Identity | undefined;

  private place: Place = { site: location.origin, page: '', referrer: '' };
  private opening: Promise<void> | undefined;
  private listeners = new Set<() => void>();
  private scheduled = false;
  private typed = 0;
  private activityTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    channel: string,
    readonly config: Config,
    readonly lang: Lang,
    readonly store: Store,
    private readonly host: Host,
  ) {
    const base = `/widget/${channel}`;
    this.blobs = openBlobs(`okno.${channel}`);
    this.api = new Api(base, () => this.token);
    this.asking = new Asking(config, store, () => this.session);
    this.reading = new Reading({
      timeline: () => this.timeline,
      session: () => this.session,
      seen: () => this.open && document.visibilityState === 'visible',
      mark: (marks) => {
        if (!this.line.send({ type: 'marks', ...marks })) void this.api.marks(marks).catch(() => {});
      },
      changed: () => this.changed(),
      unread: (count, author, text) => this.host.unread(count, author, text),
    });
    this.queue = new Queue({
      store: this.store,
      blobs: this.blobs,
      upload: (file, blob, progress) => this.api.upload(file, blob, progress),
      send: (m) => this.api.send(m),
      session: (stale) => this.ensureSession(stale),
      ready: (item) => item.profile !== undefined || !this.asking.needed,
      blocked: (p) => {
        this.asking.refused(p.code);
        this.changed();
      },
      sent: (_, entry) => this.sent(entry),
      changed: () => this.changed(),
      now: () => Date.now(),
      wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      lock: (act) => locked(`okno.${channel}`, act),
    });
    this.line = new Line({
      socket: () => new WebSocket(`${location.origin.replace(/^http/, 'ws')}${base}/socket`) as never,
      poll: this.api.poll,
      token: () => this.token,
      seq: () => this.timeline.seq,
      batch: (b) => this.batch(b),
      activity: (kind) => this.showActivity(kind),
      state: (s) => {
        this.lineState = s;
        this.changed();
      },
      gone: () => this.connect(true),
    });
    window.addEventListener('online', () => {
      this.line.nudge(true);
      this.queue.poke();
      this.changed();
    });
    window.addEventListener('offline', () => this.changed());
    window.addEventListener('storage', () => this.queue.refresh());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState !== 'visible') return;
      this.line.nudge();
      this.reading.read();
    });
  }

  get token(): string | undefined {
    return this.store.get('token') ?? undefined;
  }

  get draft(): string {
    return this.store.get('draft') ?? '';
  }

  set draft(text: string) {
    if (text) this.store.set('draft', text);
    else this.store.remove('draft');
  }

  /** Begins: who and where the visitor is was told by the page. */
  start(place: Place, identity: Identity | undefined): void {
    this.place = place;
    this.identity = identity;
    if (this.token || identity) this.connect(false);
    this.queue.poke();
    this.changed();
  }

  /** Opens the session and the line, however often it takes. */
  private connect(stale: boolean): void {
    this.ensureSession(stale).catch((err: Problem) => {
      if (!err.passing) {
        this.notice = err.code.startsWith('widget.identity') ? err.code : '';
        this.changed();
        return;
      }
      this.lineState = 'lost';
      this.changed();
      setTimeout(() => this.connect(false), reconnectAfter);
    });
  }

  async identify(identity: Identity | undefined): Promise<void> {
    this.identity = identity;
    if (!identity) {
      if (this.token) await this.api.closeSession().catch(() => {});
      this.forget();
      return;
    }
    this.session = undefined;
    this.connect(false);
  }

  moved(place: Place): void {
    this.place = place;
    if (this.session) void this.api.updateSession({ page: place.page }).catch(() => {});
  }

  private hello(): Hello {
    const out: Hello = { ...this.place, locale: this.lang };
    if (this.identity) out.identity = this.identity;
    if (this.store.get('consent')) out.consent = true;
    return out;
  }

  /** Makes sure of a session; with stale, of another one. */
  private ensureSession(stale: boolean): Promise<void> {
    if (stale) this.forget();
    if (this.session && this.token) return Promise.resolve();
    this.opening ??= this.openSession().finally(() => {
      this.opening = undefined;
    });
    return this.opening;
  }

  private async openSession(): Promise<void> {
    let session: Session | undefined;
    if (this.token) {
      try {
        session = this.identity ? await this.api.updateSession(this.hello()) : await this.api.session();
        // A shared computer: the page knows no user, so nobody's history is shown.
        if (!this.identity && session.user) session = undefined;
      } catch (err) {
        const status = (err as Problem).status;
        if (status !== 401 && status !== 409) throw err;
      }
      if (!session) this.forget();
    }
    session ??= await this.api.openSession(this.hello());
    if (session.token) {
      this.store.set('token', session.token);
      this.timeline = new Timeline();
    }
    this.session = session;
    this.host.session(true);
    if (this.timeline.seq === 0) {
      this.loading = true;
      this.changed();
      try {
        this.timeline.history(await this.api.history(0));
      } finally {
        this.loading = false;
      }
      this.dropKnown(this.timeline.messages);
      this.reading.delivered();
    }
    this.line.end();
    this.line.start();
    this.changed();
    this.reading.read();
    this.reading.tell();
  }

  private forget(): void {
    this.line.end();
    this.store.remove('token');
    this.session = undefined;
    this.timeline = new Timeline();
    this.host.session(false);
    this.changed();
    this.reading.tell();
  }

  // ---- what comes

  private batch(b: Batch): void {
    const added = this.timeline.stream(b);
    if (this.session) Object.assign(this.session, { agent_read: b.agent_read, read: Math.max(b.read, this.session.read) });
    this.dropKnown(added);
    if (added.some((m) => m.own)) {
      this.activity = '';
      this.reading.delivered();
    }
    this.changed();
    this.reading.read();
    this.reading.tell();
  }

  /** Messages of ours that the log already has wait no longer. */
  private dropKnown(messages: Message[]): void {
    for (const m of messages) if (!m.own) this.queue.drop(clientId(m.id));
  }

  private sent(entry: Entry): void {
    this.timeline.single(entry);
    this.changed();
  }

  private showActivity(kind: string): void {
    this.activity = kind;
    clearTimeout(this.activityTimer);
    this.activityTimer = setTimeout(() => {
      this.activity = '';
      this.changed();
    }, activityFor);
    this.changed();
  }

  // ---- what the visitor does

  setOpen(open: boolean): void {
    this.open = open;
    this.changed();
    this.reading.read();
  }

  typing(): void {
    const now = Date.now();
    if (!this.session || now - this.typed < typingEvery) return;
    this.typed = now;
    if (!this.line.send({ type: 'typing' })) void this.api.typing().catch(() => {});
  }

  async send(text: string): Promise<void> {
    const files: QueuedFile[] = this.picked.map((f) => ({
      id: newId(),
      name: f.name,
      kind: f.kind,
      duration: f.duration,
      peaks: f.peaks,
      size: f.blob.size,
      mime: f.blob.type,
    }));
    const blobs = this.picked.map((f) => f.blob);
    const item: Omit<Queued, 'at'> = { id: newId(), page: this.place.page };
    if (text.trim()) item.text = text.trim();
    if (files.length) item.files = files;
    if (!item.text && !item.files) return;
    if (this.replyTo) {
      item.reply_to = this.replyTo.id;
      item.quote = { id: this.replyTo.id, own: this.replyTo.own, text: this.replyTo.text?.slice(0, 160), kind: this.replyTo.files?.[0]?.kind };
    }
    this.picked = [];
    this.replyTo = undefined;
    this.draft = '';
    await this.queue.add(item, blobs);
  }

  async sendVoice(file: PickedFile): Promise<void> {
    this.picked = [file];
    await this.send('');
  }

  press(m: Message, row: number, col: number): void {
    const button = m.buttons?.[row]?.[col];
    if (!button) return;
    m.pressed = button.text;
    void this.queue.add({ id: newId(), text: button.text, press: { id: m.id, row, col } });
  }

  /** Picks files up to the limits; returns what is too big. */
  pick(files: PickedFile[]): PickedFile[] {
    const fits = files.filter((f) => f.blob.size <= this.config.max_file);
    this.picked = [...this.picked, ...fits].slice(0, 10);
    this.changed();
    return files.filter((f) => !fits.includes(f));
  }

  reply(m: Message | undefined): void {
    this.replyTo = m;
    this.changed();
  }

  async loadOlder(): Promise<void> {
    if (this.loading || !this.timeline.older) return;
    this.loading = true;
    this.changed();
    try {
      this.timeline.history(await this.api.history(this.timeline.oldest));
    } catch {
      // The button stays and can be pressed again.
    }
    this.loading = false;
    this.changed();
  }

  /** A fresh address for a file whose old one lapsed. */
  async renew(file: FileRef): Promise<void> {
    file.url = (await this.api.fileLink(file.id)).url;
    this.changed();
  }

  async submitForm(profile: Profile, consent: boolean): Promise<void> {
    // A session that is there already is told first; a new one says it itself.
    if (consent && this.session && !this.session.consent) this.session = await this.api.updateSession({ consent: true });
    this.asking.answered(profile, consent);
    if (Object.values(profile).some(Boolean)) await this.queue.add({ id: newId(), profile }, [], true);
    this.changed();
    this.queue.poke();
  }

  // ---- listeners

  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  changed(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    queueMicrotask(() => {
      this.scheduled = false;
      for (const l of this.listeners) l();
    });
  }

  closeFrame(): void {
    this.host.close();
  }
}
