import { IconCheck } from '@tabler/icons-react';
import type { KeyboardEvent } from 'react';
import { useTranslation } from '@/i18n/useTranslation';
import { paint, paints } from '@/ui/paint';
import css from './kit.module.css';

export const palette = Object.entries(paints);

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
  const index = colors.indexOf(paint(value).toLowerCase());
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
