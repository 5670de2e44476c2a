// The live line: a socket, or long polls where sockets do not get through.
// It resumes after the last seq, so that whatever happens meanwhile comes.
import type { Batch } from './types';
import { Problem } from './types';

export type LineState = 'off' | 'connecting' | 'live' | 'lost';

export interface SocketLike {
  onopen: (() => void) | null;
  onmessage: ((e: { data: string }) => void) | null;
  onclose: ((e: { code: number }) => void) | null;
  send(data: string): void;
  close(): void;
}

export interface LineDeps {
  socket(): SocketLike;
  poll(after: number, wait: number, signal: AbortSignal): Promise<Batch>;
  token(): string | undefined;
  seq(): number;
  batch(b: Batch): void;
  activity(kind: string): void;
  state(s: LineState): void;
  /** The session is no longer valid. */
  gone(): void;
  random?(): number;
}

/** A silent line is dead: the server says something every 20 s. */
const silence = 45_000;
const firstPause = 500;
const longestPause = 30_000;
/** Sockets that never spoke before polls take over. */
const socketTries = 2;
/** How long polls go on before a socket is tried again. */
const pollFor = 5 * 60_000;
const pollWait = 25;
const codeGone = 4401;
const codeTooMany = 4429;

export class Line {
  private wanted = false;
  private socket: SocketLike | undefined;
  private stop: AbortController | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private watch: ReturnType<typeof setTimeout> | undefined;
  private pause = firstPause;
  private failures = 0;
  private pollUntil = 0;
  private spoke = false;

  constructor(private readonly deps: LineDeps) {}

  start(): void {
    if (this.wanted) return;
    this.wanted = true;
    this.connect();
  }

  end(): void {
    this.wanted = false;
    this.clear();
    this.deps.state('off');
  }

  /** The network is back, or the page visible again: do not wait. */
  nudge(force = false): void {
    if (!this.wanted || (!force && (this.spoke || this.stop))) return;
    this.pause = firstPause;
    this.clear();
    this.connect();
  }

  /** Tells the server something fleeting; false when there is no socket. */
  send(frame: unknown): boolean {
    if (!this.socket || !this.spoke) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  private clear(): void {
    clearTimeout(this.timer);
    clearTimeout(this.watch);
    this.stop?.abort();
    this.stop = undefined;
    this.spoke = false;
    const socket = this.socket;
    this.socket = undefined;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
  }

  private later(ms: number): void {
    const random = this.deps.random ?? Math.random;
    this.clear();
    if (!this.wanted) return;
    this.timer = setTimeout(() => this.connect(), ms * (0.7 + 0.6 * random()));
  }

  private lost(): void {
    this.deps.state('lost');
    const pause = this.pause;
    this.pause = Math.min(pause * 2, longestPause);
    this.later(pause);
  }

  private connect(): void {
    const token = this.deps.token();
    if (!token) return;
    if (Date.now() < this.pollUntil) {
      void this.pollLoop();
      return;
    }
    this.deps.state('connecting');
    let socket: SocketLike;
    try {
      socket = this.deps.socket();
    } catch {
      this.fallBack();
      return;
    }
    this.socket = socket;
    this.alive();
    socket.onopen = () => socket.send(JSON.stringify({ type: 'hello', token, after: this.deps.seq() }));
    socket.onmessage = (e) => this.heard(e.data);
    socket.onclose = (e) => this.closed(e.code);
  }

  private alive(): void {
    clearTimeout(this.watch);
    this.watch = setTimeout(() => this.closed(0), silence);
  }

  private heard(data: string): void {
    this.alive();
    const message = JSON.parse(data) as Batch | { type: 'activity'; activity: string } | { type: 'tick' };
    if (!this.spoke) {
      this.spoke = true;
      this.failures = 0;
      this.pause = firstPause;
      this.deps.state('live');
    }
    if (message.type === 'batch') this.deps.batch(message);
    else if (message.type === 'activity') this.deps.activity(message.activity);
  }

  private closed(code: number): void {
    const spoke = this.spoke;
    if (code === codeGone) {
      this.clear();
      this.deps.gone();
      return;
    }
    if (code === codeTooMany) {
      this.deps.state('lost');
      this.later(longestPause);
      return;
    }
    if (!spoke && ++this.failures >= socketTries) {
      this.fallBack();
      return;
    }
    this.lost();
  }

  private fallBack(): void {
    this.failures = 0;
    this.pollUntil = Date.now() + pollFor;
    this.clear();
    void this.pollLoop();
  }

  private async pollLoop(): Promise<void> {
    const stop = new AbortController();
    this.stop = stop;
    let wait = 0; // the first answer at once: it shows that the line works
    try {
      while (Date.now() < this.pollUntil && !stop.signal.aborted) {
        const b = await this.deps.poll(this.deps.seq(), wait, stop.signal);
        if (stop.signal.aborted) return;
        this.pause = firstPause;
        this.deps.state('live');
        this.deps.batch(b);
        if (b.activity) this.deps.activity(b.activity);
        wait = b.more ? 0 : pollWait;
      }
      if (!stop.signal.aborted) {
        this.clear();
        this.connect();
      }
    } catch (err) {
      if (stop.signal.aborted) return;
      this.stop = undefined;
      if (err instanceof Problem && err.status === 401) this.deps.gone();
      else this.lost();
    }
  }
}
