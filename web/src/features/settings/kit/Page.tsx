import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useId } from 'react';
import { ErrorState, SkeletonRows } from '@/ui';
import { paint } from '@/ui/paint';
import css from './kit.module.css';

interface CardProps {
  title?: ReactNode;
  hint?: ReactNode;
  action?: ReactNode;
  children: ReactNode;
  /** Without padding: lists bring their own. */
  flush?: boolean;
}

/** A bordered block with a heading. */
export function Card({ title, hint, action, children, flush }: CardProps) {
  const id = useId();
  return (
    <section className={css.card} aria-labelledby={title ? id : undefined}>
      {title && (
        <div className={css.cardHead}>
          <div className={css.main}>
            <h2 id={id}>{title}</h2>
            {hint && <p>{hint}</p>}
          </div>
          {action}
        </div>
      )}
      {flush ? children : <div className={css.cardBody}>{children}</div>}
    </section>
  );
}

interface LoadedProps<T> {
  query: UseQueryResult<T>;
  rows?: number;
  children: (data: T) => ReactNode;
}

/** Shows what a query has, a skeleton until then, or why it failed with a way to try again. */
export function Loaded<T>({ query, rows = 5, children }: LoadedProps<T>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <div className={css.list}>
      <SkeletonRows rows={rows} />
    </div>
  );
}

export type Tone = 'plain' | 'ok' | 'warn' | 'bad' | 'accent';

export function Badge({ tone = 'plain', children }: { tone?: Tone; children: ReactNode }) {
  return <span className={`${css.badge} ${tone === 'plain' ? '' : css[tone]}`}>{children}</span>;
}

export function Dot({ color }: { color: string }) {
  return <span className={css.dot} style={{ background: paint(color) }} aria-hidden />;
}

/** The two lines of a row: a name with its marks, and what else to know. */
export function RowText({ title, sub }: { title: ReactNode; sub?: ReactNode }) {
  return (
    <span className={css.main}>
      <span className={css.title}>{title}</span>
      {sub && <span className={css.sub}>{sub}</span>}
    </span>
  );
}
