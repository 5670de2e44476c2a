import type { Translate } from './i18n';
import type { Lang } from './types';

const day = 86_400_000;

function midnight(at: number): number {
  const d = new Date(at);
  d.setHours(0, 0, 0, 0);
  return d.getTime();
}

export function clock(at: number, lang: Lang): string {
  return new Date(at).toLocaleTimeString(lang, { hour: '2-digit', minute: '2-digit' });
}

/** "today", "yesterday", "24 November". */
export function dayName(at: number, now: number, lang: Lang, t: Translate): string {
  const days = Math.round((midnight(at) - midnight(now)) / day);
  if (days === 0) return t('today');
  if (days === -1) return t('yesterday');
  if (days === 1) return t('tomorrow');
  const year = new Date(at).getFullYear() === new Date(now).getFullYear() ? undefined : 'numeric';
  return new Date(at).toLocaleDateString(lang, { day: 'numeric', month: 'long', year });
}

export function sameDay(a: number, b: number): boolean {
  return midnight(a) === midnight(b);
}

export function size(bytes: number, t: Translate): string {
  const units = t('bytes').split('|');
  let n = bytes;
  let unit = 0;
  while (n >= 1024 && unit < units.length - 1) {
    n /= 1024;
    unit++;
  }
  return `${n < 10 && unit > 1 ? Number(n.toFixed(1)) : Math.round(n)} ${units[unit]}`;
}

export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`;
}

/** Relative luminance of #rrggbb, as WCAG 2 defines it. */
function luminance(hex: string): number {
  const channel = (i: number) => {
    const c = Number.parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

export function contrast(a: string, b: string): number {
  const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p) as [number, number];
  return (x + 0.05) / (y + 0.05);
}

function mix(a: string, b: string, part: number): string {
  const channel = (i: number) => {
    const x = Number.parseInt(a.slice(i, i + 2), 16);
    const y = Number.parseInt(b.slice(i, i + 2), 16);
    return Math.round(x + (y - x) * part).toString(16).padStart(2, '0');
  };
  return `#${channel(1)}${channel(3)}${channel(5)}`;
}

/** What to write in on a brand's colour: white, unless the colour is light. */
export function textOn(color: string): string {
  return contrast(color, '#ffffff') >= 2.4 ? '#ffffff' : '#10131a';
}

/** A colour as close to the given one as can be read on a background. */
export function readable(color: string, background: string): string {
  const towards = luminance(background) > 0.4 ? '#000000' : '#ffffff';
  let out = color;
  for (let part = 0; part <= 1 && contrast(out, background) < 4.6; part += 0.05) out = mix(color, towards, part);
  return out;
}

/** A fill as close to the brand's colour as its text can be read on. */
export function fill(color: string): string {
  const text = textOn(color);
  let out = color;
  for (let part = 0; part <= 1 && contrast(out, text) < 4.5; part += 0.05) out = mix(color, text === '#ffffff' ? '#000000' : '#ffffff', part);
  return out;
}
