import { useEffect, useState } from 'react';
import { readTime } from './hours';

interface Props {
  label: string;
  value: string;
  wrong?: boolean;
  onChange: (time: string) => void;
}

/** A time of day on a 24-hour clock whatever the browser's language; "9" and "930" are understood. */
export function TimeField({ label, value, wrong, onChange }: Props) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  return (
    <input
      inputMode="numeric"
      autoComplete="off"
      maxLength={5}
      aria-label={label}
      aria-invalid={wrong || undefined}
      value={typed}
      onFocus={(e) => e.currentTarget.select()}
      onChange={(e) => setTyped(e.currentTarget.value)}
      onBlur={() => {
        const time = readTime(typed);
        setTyped(time);
        if (time !== value) onChange(time);
      }}
      onKeyDown={(e) => {
        if (e.key === 'Enter') e.currentTarget.blur();
      }}
    />
  );
}
