import { Select } from '@mantine/core';
import classes from './ContactPane.module.css';

interface Props {
  label: string;
  options: string[];
  value: string | null;
  onChange: (value: string | null) => void;
}

/** A field with given answers: reads as text until it is pressed. */
export function ChoiceField({ label, options, value, onChange }: Props) {
  return (
    <Select
      size="xs"
      variant="unstyled"
      className={classes.choice}
      data={options}
      value={value}
      aria-label={label}
      placeholder="—"
      clearable
      onChange={onChange}
    />
  );
}
