// REST calls of the widget.
import { type Batch, type Config, type Entry, type FileRef, type Identity, Problem, type Profile, type Session } from './types';

const timeout = 20_000;

export interface Hello {
  site?: string;
  page?: string;
  referrer?: string;
  locale?: string;
  consent?: boolean;
  identity?: Identity;
}

export interface NewMessage {
  client_id: string;
  text?: string;
  files?: string[];
  reply_to?: string;
  profile?: Profile;
  press?: { id: string; row: number; col: number };
  page?: string;
}

export interface UploadInfo {
  id: string;
  name: string;
  kind?: string;
  duration?: number;
  peaks?: number[];
}

function problem(status: number, body: unknown): Problem {
  const p = (body ?? {}) as { code?: string; field?: string; params?: Record<string, unknown>; retry_after?: number };
  return new Problem(status, p.code ?? 'widget.unreachable', p.field, p.params, p.retry_after ?? 0);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a proxy's page
  }
}

export class Api {
  constructor(
    private readonly base: string,
    readonly token: () => string | undefined,
  ) {}

  private async call<T>(method: string, path: string, body?: unknown, patience = timeout, signal?: AbortSignal): Promise<T> {
    const headers: Record<string, string> = {};
    const token = this.token();
    if (token) headers.Authorization = `Bearer ${token}`;
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), patience);
    signal?.addEventListener('abort', () => stop.abort());
    try {
      const res = await fetch(this.base + path, {
        method,
        headers,
        body: body === undefined ? null : JSON.stringify(body),
        signal: stop.signal,
        credentials: 'omit',
        cache: 'no-store',
      });
      const value = parsed(await res.text());
      if (!res.ok || (value === undefined && res.status !== 204)) throw problem(res.ok ? 0 : res.status, value);
      return value as T;
    } catch (err) {
      throw err instanceof Problem ? err : problem(0, undefined);
    } finally {
      clearTimeout(timer);
    }
  }

  config = () => this.call<Config>('GET', '/config');
  openSession = (hello: Hello) => this.call<Session>('POST', '/sessions', hello);
  session = () => this.call<Session>('GET', '/session');
  updateSession = (hello: Hello) => this.call<Session>('PATCH', '/session', hello);
  closeSession = () => this.call<void>('DELETE', '/session');
  send = (m: NewMessage) => this.call<Entry>('POST', '/messages', m);
  marks = (m: { read?: string; delivered?: string }) => this.call<void>('POST', '/marks', m);
  typing = () => this.call<void>('POST', '/typing', {});
  history = (before: number) => this.call<Batch>('GET', `/entries?before=${before}`);
  fileLink = (id: string) => this.call<{ url: string }>('GET', `/files/${encodeURIComponent(id)}/link`);
  poll = (after: number, wait: number, signal: AbortSignal) =>
    this.call<Batch>('GET', `/entries?after=${after}&wait=${wait}`, undefined, (wait + 15) * 1000, signal);

  /** Uploads with progress, which fetch does not tell. */
  upload(info: UploadInfo, blob: Blob, progress: (part: number) => void): Promise<FileRef> {
    const query = new URLSearchParams({ client_id: info.id, name: info.name });
    if (info.kind) query.set('kind', info.kind);
    if (info.duration) query.set('duration', info.duration.toFixed(2));
    if (info.peaks) {
      const text = btoa(String.fromCharCode(...info.peaks));
      query.set('peaks', text.replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, ''));
    }
    return new Promise((resolve, reject) => {
      const x = new XMLHttpRequest();
      x.open('POST', `${this.base}/uploads?${query}`);
      x.setRequestHeader('Authorization', `Bearer ${this.token() ?? ''}`);
      x.setRequestHeader('Content-Type', 'application/octet-stream');
      x.upload.onprogress = (e) => progress(e.loaded / (e.total || 1));
      x.onload = () => {
        const value = parsed(x.responseText);
        if (x.status < 300 && value) resolve(value as FileRef);
        else reject(problem(x.status < 300 ? 0 : x.status, value));
      };
      x.onerror = x.onabort = x.ontimeout = () => reject(problem(0, undefined));
      x.send(blob);
    });
  }
}
