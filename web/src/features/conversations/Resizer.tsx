import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import { useTranslation } from '@/i18n/useTranslation';
import classes from './Workspace.module.css';

interface Props {
  value: number;
  min: number;
  max: number;
  onChange: (width: number) => void;
  /** 1: the pane is at the left of the handle; -1: at its right. */
  side: 1 | -1;
}

/** The line between two panes: dragged, or moved by arrows. */
export function Resizer({ value, min, max, onChange, side }: Props) {
  const { t } = useTranslation();
  const start = useRef<{ x: number; width: number } | undefined>(undefined);
  const [dragging, setDragging] = useState(false);
  const down = (e: PointerEvent<HTMLDivElement>) => {
    e.preventDefault();
    e.currentTarget.setPointerCapture(e.pointerId);
    start.current = { x: e.clientX, width: value };
    setDragging(true);
  };
  const move = (e: PointerEvent) => {
    if (start.current) onChange(start.current.width + (e.clientX - start.current.x) * side);
  };
  const up = () => {
    start.current = undefined;
    setDragging(false);
  };
  const key = (e: KeyboardEvent) => {
    const step = e.key === 'ArrowRight' ? 16 : e.key === 'ArrowLeft' ? -16 : 0;
    if (!step) return;
    e.preventDefault();
    onChange(value + step * side);
  };
  return (
    <div
      className={classes.resizer}
      role="separator"
      aria-orientation="vertical"
      aria-label={t('resize')}
      aria-valuenow={value}
      aria-valuemin={min}
      aria-valuemax={max}
      tabIndex={0}
      data-dragging={dragging || undefined}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerCancel={up}
      onKeyDown={key}
    />
  );
}
