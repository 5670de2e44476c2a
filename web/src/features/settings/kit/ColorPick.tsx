import { IconCheck } from '@tabler/icons-react';
import type { KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import css from './kit.module.css';

/** Colours that white text can be read on (4.5:1 or more), by name. */
export const palette = [
  ['blue', '#2f5bea'],
  ['violet', '#7c3aed'],
  ['pink', '#be185d'],
  ['red', '#c62f2f'],
  ['orange', '#b45309'],
  ['olive', '#5c6b0a'],
  ['green', '#15803d'],
  ['teal', '#0f766e'],
  ['cyan', '#0e7490'],
  ['gray', '#4b5563'],
] as const;

export function ColorPick({
  value,
  onChange,
  label,
}: {
  value: string;
  onChange: (color: string) => void;
  label: string;
}) {
  const { t } = useTranslation('settings');
  const colors: string[] = palette.map(([, color]) => color);
  const index = colors.indexOf(value.toLowerCase());
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = (Math.max(index, 0) + step + colors.length) % colors.length;
    onChange(colors[next] ?? value);
    (event.currentTarget.children[next] as HTMLElement | undefined)?.focus();
  };
  return (
    <div>
      <div className={css.label}>{label}</div>
      <div className={css.swatches} role="radiogroup" aria-label={label} onKeyDown={onKeyDown}>
        {palette.map(([name, color], i) => (
          <button
            key={color}
            type="button"
            role="radio"
            aria-checked={i === index}
            aria-label={t(`color.${name}`)}
            tabIndex={i === Math.max(index, 0) ? 0 : -1}
            className={css.swatch}
            style={{ backgroundColor: color }}
            onClick={() => onChange(color)}
          >
            {i === index && <IconCheck size={14} stroke={2.5} />}
          </button>
        ))}
      </div>
    </div>
  );
}
