import type { SearchHit } from '@/api/types';
import css from './search.module.css';

/** The words around a hit, the hit itself marked. */
export function Snippet({ parts }: { parts: SearchHit['snippet'] }) {
  return (
    <span className={css.snippet}>
      {parts.map((part, i) =>
        part.hit ? <mark key={i}>{part.text}</mark> : <span key={i}>{part.text}</span>,
      )}
    </span>
  );
}
