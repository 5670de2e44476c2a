import { useState } from 'react';
import type { ChannelKind, Presence } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import classes from './Avatar.module.css';
import { ChannelIcon } from './ChannelIcon';

/** Twelve grounds on which white initials are readable (WCAG AA). */
const grounds = [
  '#b45f06',
  '#0f766e',
  '#be185d',
  '#4338ca',
  '#334155',
  '#7c3aed',
  '#b91c1c',
  '#047857',
  '#9333ea',
  '#0e7490',
  '#1d4ed8',
  '#a21caf',
];

export function initials(name: string): string {
  const words = name
    .replace(/[«»"“”()]/g, '')
    .split(/\s+/)
    .filter((w) => /[\p{L}\p{N}]/u.test(w));
  const letters = words.slice(0, 2).map((w) => Array.from(w.replace(/^[^\p{L}\p{N}]+/u, ''))[0] ?? '');
  return letters.join('').toUpperCase() || '?';
}

/** A steady ground for somebody without a colour of their own. */
export function colorOf(id: string): number {
  let sum = 0;
  for (const c of id) sum = (sum * 31 + c.charCodeAt(0)) >>> 0;
  return sum % grounds.length;
}

interface Props {
  name: string;
  /** 0..11, e.g. contact.color; or give `id` and one is derived. */
  color?: number;
  id?: string;
  src?: string;
  /** Pixels; 36 unless told. */
  size?: number;
  channel?: ChannelKind;
  presence?: Presence;
}

export function Avatar({ name, color, id, src, size = 36, channel, presence }: Props) {
  const { t } = useTranslation();
  const [broken, setBroken] = useState(false);
  const ground = grounds[(color ?? colorOf(id ?? name)) % grounds.length];
  return (
    <span
      className={classes.root}
      style={{ width: size, height: size, fontSize: Math.max(9, Math.round(size * 0.36)) }}
    >
      {src && !broken ? (
        <img className={classes.image} src={src} alt="" loading="lazy" onError={() => setBroken(true)} />
      ) : (
        <span className={classes.initials} style={{ background: ground }} aria-hidden>
          {size < 24 ? initials(name).slice(0, 1) : initials(name)}
        </span>
      )}
      {channel && (
        <span className={classes.channel}>
          <ChannelIcon kind={channel} size={Math.round(size * 0.44)} />
        </span>
      )}
      {presence && (
        <span
          className={classes.presence}
          data-presence={presence}
          role="img"
          aria-label={t(`presence.${presence}`)}
        />
      )}
    </span>
  );
}
