import type { TFunction } from 'i18next';
import type { Problem } from './types';

export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'denied'
  | 'not_found'
  | 'conflict'
  | 'too_large'
  | 'rate_limited'
  | 'unavailable'
  | 'internal'
  | 'network'
  | 'aborted';

const byStatus: Record<number, ErrorKind> = {
  400: 'invalid',
  401: 'unauthenticated',
  403: 'denied',
  404: 'not_found',
  409: 'conflict',
  413: 'too_large',
  422: 'invalid',
  429: 'rate_limited',
  502: 'unavailable',
  503: 'unavailable',
  504: 'unavailable',
};

/** What a request failed with. `code` is the server's stable code, or the kind where it gave none. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly kind: ErrorKind;
  readonly field?: string;
  readonly detail?: string;
  readonly params: Record<string, unknown>;
  /** Seconds to wait before trying again. */
  readonly retryAfter?: number;

  constructor(status: number, kind: ErrorKind, problem?: Partial<Problem>) {
    super(problem?.detail || problem?.title || kind);
    this.name = 'ApiError';
    this.status = status;
    this.kind = kind;
    this.code = problem?.code || kind;
    this.field = problem?.field;
    this.detail = problem?.detail;
    this.params = problem?.params ?? {};
    this.retryAfter = problem?.retry_after;
  }

  static fromResponse(status: number, problem?: Partial<Problem>): ApiError {
    return new ApiError(status, byStatus[status] ?? (status >= 500 ? 'internal' : 'invalid'), problem);
  }

  /** Whether the same request may succeed a moment later. */
  get transient(): boolean {
    return this.kind === 'network' || this.kind === 'unavailable' || this.kind === 'rate_limited';
  }
}

/** The words for an error: by its code, else by its kind. `t` may be of any namespace. */
export function errorText(t: TFunction, error: unknown): string {
  if (!(error instanceof ApiError)) return t('errors:internal');
  return t([`errors:${error.code}`, `errors:${error.kind}`, 'errors:internal'], {
    ...error.params,
    field: error.field,
    seconds: error.retryAfter,
  });
}
