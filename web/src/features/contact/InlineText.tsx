import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import classes from './ContactPane.module.css';

interface Props {
  value: string;
  label: string;
  onSave: (value: string) => void;
  placeholder?: string;
  disabled?: boolean;
  required?: boolean;
  strong?: boolean;
  type?: 'text' | 'number' | 'date' | 'url';
}

/** Text that becomes an input where it stands: Enter or leaving saves, Escape takes back. */
export function InlineText({
  value,
  label,
  onSave,
  placeholder = '—',
  disabled,
  required,
  strong,
  type = 'text',
}: Props) {
  const [editing, setEditing] = useState(false);
  const [text, setText] = useState(value);
  const input = useRef<HTMLInputElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const refocus = useRef(false);
  useEffect(() => {
    if (editing) input.current?.select();
    else if (refocus.current) {
      refocus.current = false;
      button.current?.focus();
    }
  }, [editing]);
  const start = () => {
    setText(value);
    setEditing(true);
  };
  const finish = (save: boolean) => {
    const next = text.trim();
    setEditing(false);
    if (save && next !== value && !(required && !next)) onSave(next);
  };
  const key = (e: KeyboardEvent) => {
    if (e.key !== 'Enter' && e.key !== 'Escape') return;
    e.preventDefault();
    e.stopPropagation();
    refocus.current = true;
    finish(e.key === 'Enter');
  };
  const className = strong ? classes.strong : classes.value;
  if (disabled) return <span className={className}>{value || placeholder}</span>;
  if (editing) {
    return (
      <input
        ref={input}
        className={className}
        type={type}
        value={text}
        aria-label={label}
        maxLength={500}
        onChange={(e) => setText(e.currentTarget.value)}
        onBlur={() => finish(true)}
        onKeyDown={key}
      />
    );
  }
  return (
    <button
      ref={button}
      type="button"
      className={className}
      data-empty={!value || undefined}
      onClick={start}
      title={label}
      aria-label={`${label}: ${value || placeholder}`}
    >
      {value || placeholder}
    </button>
  );
}
