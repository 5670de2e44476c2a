import { IconChevronRight } from '@tabler/icons-react';
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react';
import css from './kit.module.css';

export type Open = string | null;

interface Props<T> {
  items: T[];
  idOf: (item: T) => string;
  open: Open;
  onOpen: (id: Open) => void;
  row: (item: T) => ReactNode;
  /** item is undefined for a new one. */
  editor: (item: T | undefined, close: () => void) => ReactNode;
  /** Rows that cannot be opened. */
  still?: (item: T) => boolean;
  empty?: ReactNode;
  label: string;
}

/** The id under which a new thing is being written. */
export const newId = 'new';

/** A list whose rows open into their editor where they stand; Escape closes it. */
export function EditableList<T>({ items, idOf, open, onOpen, row, editor, still, empty, label }: Props<T>) {
  const close = () => onOpen(null);
  const opened = useRef<Open>(null);
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    if (opened.current && opened.current !== newId && !open) {
      list.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(opened.current)}"]`)?.focus();
    }
    opened.current = open;
  }, [open]);
  const nothing = items.length === 0 && open !== newId;
  if (nothing) return <div className={css.list}>{empty}</div>;
  return (
    <ul className={css.list} ref={list} aria-label={label}>
      {open === newId && (
        <li className={css.item}>
          <Editor className={css.newEditor} onClose={close}>
            {editor(undefined, close)}
          </Editor>
        </li>
      )}
      {items.map((item) => {
        const id = idOf(item);
        const expanded = open === id;
        if (still?.(item)) {
          return (
            <li key={id} className={css.item}>
              <div className={`${css.row} ${css.still}`}>{row(item)}</div>
            </li>
          );
        }
        return (
          <li key={id} className={css.item}>
            <button
              type="button"
              className={css.row}
              data-row={id}
              aria-expanded={expanded}
              onClick={() => onOpen(expanded ? null : id)}
            >
              {row(item)}
              <IconChevronRight className={css.chevron} size={16} aria-hidden />
            </button>
            {expanded && (
              <Editor className={css.editor} onClose={close}>
                {editor(item, close)}
              </Editor>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function Editor({
  className,
  onClose,
  children,
}: {
  className?: string;
  onClose: () => void;
  children: ReactNode;
}) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    box.current
      ?.querySelector<HTMLElement>('input:not([type=hidden]), textarea')
      ?.focus({ preventScroll: true });
    box.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || event.defaultPrevented) return;
    // An open drop-down takes the key for itself.
    if ((event.target as HTMLElement).getAttribute('aria-expanded') === 'true') return;
    event.stopPropagation();
    onClose();
  };
  return (
    <div ref={box} className={className} onKeyDown={onKeyDown} role="presentation">
      {children}
    </div>
  );
}
