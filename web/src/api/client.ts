import { takeAsked } from './asked';
import { ApiError } from './error';
import type { Problem } from './types';

export const API = '/api/v1';

export type Params = Record<string, string | number | boolean | null | undefined>;

export interface RequestOptions {
  params?: Params;
  signal?: AbortSignal;
  /** Writes get a fresh key unless one is given; give one to repeat a write safely. */
  idempotencyKey?: string;
  headers?: Record<string, string>;
  /** Lets the write outlive the page (a draft saved while leaving). */
  keepalive?: boolean;
}

export function newKey(): string {
  return (
    crypto.randomUUID?.() ??
    Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('')
  );
}

export function url(path: string, params?: Params): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params ?? {})) {
    if (value !== undefined && value !== null && value !== '') query.set(name, String(value));
  }
  const tail = query.toString();
  return API + path + (tail ? `?${tail}` : '');
}

let onUnauthenticated: (() => void) | undefined;

/** Called when a session turns out to be over. */
export function setUnauthenticatedHandler(handler: () => void): void {
  onUnauthenticated = handler;
}

async function send(
  method: string,
  path: string,
  body: BodyInit | undefined,
  headers: Record<string, string>,
  o: RequestOptions,
): Promise<Response> {
  const write = method !== 'GET';
  const address = url(path, o.params);
  const early = write ? undefined : takeAsked(address);
  try {
    if (early) return await early;
    return await fetch(address, {
      method,
      body,
      signal: o.signal,
      keepalive: o.keepalive,
      credentials: 'same-origin',
      headers: {
        Accept: 'application/json',
        ...(write ? { 'Idempotency-Key': o.idempotencyKey ?? newKey() } : {}),
        ...headers,
        ...o.headers,
      },
    });
  } catch (error) {
    if (o.signal?.aborted) throw new ApiError(0, 'aborted');
    throw new ApiError(0, 'network', { detail: error instanceof Error ? error.message : undefined });
  }
}

async function request<T>(method: string, path: string, body: unknown, o: RequestOptions = {}): Promise<T> {
  const raw = body instanceof FormData || body instanceof Blob || typeof body === 'string';
  const headers: Record<string, string> = {};
  if (body !== undefined && !raw) headers['Content-Type'] = 'application/json';
  const payload = body === undefined ? undefined : raw ? (body as BodyInit) : JSON.stringify(body);
  const response = await send(method, path, payload, headers, o);
  if (!response.ok) throw await problemOf(response, path);
  if (response.status === 204 || response.headers.get('Content-Length') === '0') return undefined as T;
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

async function problemOf(response: Response, path: string): Promise<ApiError> {
  let problem: Partial<Problem> | undefined;
  try {
    problem = (await response.json()) as Partial<Problem>;
  } catch {
    problem = undefined; // a proxy's page: the status says enough
  }
  const error = ApiError.fromResponse(response.status, problem);
  const wait = Number(response.headers.get('Retry-After'));
  if (error.retryAfter === undefined && wait > 0) Object.assign(error, { retryAfter: wait });
  const over = error.kind === 'unauthenticated' && error.code !== 'access.wrong_login';
  if (over && !path.startsWith('/auth/') && path !== '/me') onUnauthenticated?.();
  return error;
}

/** Typed calls to the REST interface. Every failure is an ApiError. */
export const api = {
  get: <T>(path: string, params?: Params, o?: RequestOptions) =>
    request<T>('GET', path, undefined, { ...o, params }),
  post: <T>(path: string, body?: unknown, o?: RequestOptions) => request<T>('POST', path, body, o),
  put: <T>(path: string, body?: unknown, o?: RequestOptions) => request<T>('PUT', path, body, o),
  patch: <T>(path: string, body?: unknown, o?: RequestOptions) => request<T>('PATCH', path, body, o),
  delete: <T = void>(path: string, o?: RequestOptions & { body?: unknown }) =>
    request<T>('DELETE', path, o?.body, o),
};
