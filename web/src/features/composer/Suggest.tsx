import { type ReactNode, useEffect, useRef } from 'react';
import classes from './Composer.module.css';

export interface Suggestion {
  key: string;
  before?: ReactNode;
  title: string;
  text?: string;
}

interface Props {
  id: string;
  label: string;
  list: Suggestion[];
  at: number;
  onPick: (index: number) => void;
  empty: string;
}

/** What may be meant by "/" or "@", above the text; the keys stay with the text. */
export function Suggest({ id, label, list, at, onPick, empty }: Props) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    box.current?.children[at]?.scrollIntoView({ block: 'nearest' });
  }, [at]);
  return (
    <div className={classes.suggest} role="listbox" id={id} aria-label={label} ref={box}>
      {list.length === 0 && <div className={classes.nothing}>{empty}</div>}
      {list.map((s, i) => (
        <div
          key={s.key}
          id={`${id}-${i}`}
          role="option"
          aria-selected={i === at}
          tabIndex={-1}
          className={classes.suggestion}
          onPointerDown={(e) => {
            e.preventDefault();
            onPick(i);
          }}
        >
          {s.before}
          <span>
            <b>{s.title}</b>
            {s.text && <small>{s.text}</small>}
          </span>
        </div>
      ))}
    </div>
  );
}
