import type { TFunction } from 'i18next';

const formats = new Map<string, Intl.DateTimeFormat>();

function format(lang: string, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${lang}/${name}`;
  let f = formats.get(key);
  if (!f) {
    f = new Intl.DateTimeFormat(lang === 'en' ? 'en-GB' : lang, options);
    formats.set(key, f);
  }
  return f;
}

/** 14:05 */
export function clock(at: string | number | Date, lang: string): string {
  return format(lang, 'clock', { hour: '2-digit', minute: '2-digit' }).format(new Date(at));
}

function startOfDay(d: Date): number {
  return new Date(d.getFullYear(), d.getMonth(), d.getDate()).getTime();
}

/** Whole calendar days from `at` to `now`: 0 today, 1 yesterday. */
export function daysBetween(at: Date, now: Date): number {
  return Math.round((startOfDay(now) - startOfDay(at)) / 86_400_000);
}

/** A list's short time: 14:05, yesterday, Mon, 3 Sep, 03.09.2025 */
export function shortTime(at: string, lang: string, t: TFunction, now = new Date()): string {
  const d = new Date(at);
  const days = daysBetween(d, now);
  if (days <= 0) return clock(d, lang);
  if (days === 1) return t('common:time.yesterday');
  if (days < 7) return format(lang, 'weekday', { weekday: 'short' }).format(d);
  if (d.getFullYear() === now.getFullYear())
    return format(lang, 'day', { day: 'numeric', month: 'short' }).format(d);
  return format(lang, 'date', { day: '2-digit', month: '2-digit', year: '2-digit' }).format(d);
}

/** A day's heading: Today, Yesterday, 23 November, 3 March 2025 */
export function dayTitle(at: string | Date, lang: string, t: TFunction, now = new Date()): string {
  const d = new Date(at);
  const days = daysBetween(d, now);
  if (days === 0) return t('common:time.today');
  if (days === 1) return t('common:time.Yesterday');
  const sameYear = d.getFullYear() === now.getFullYear();
  return format(lang, sameYear ? 'longday' : 'longdate', {
    day: 'numeric',
    month: 'long',
    year: sameYear ? undefined : 'numeric',
  }).format(d);
}

/** 24 Nov, 14:05 (with the year where it differs) */
export function dateTime(at: string | Date, lang: string, now = new Date()): string {
  const d = new Date(at);
  const sameYear = d.getFullYear() === now.getFullYear();
  return format(lang, sameYear ? 'datetime' : 'datetimeyear', {
    day: 'numeric',
    month: 'short',
    year: sameYear ? undefined : 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  }).format(d);
}

/** The whole of it, for tooltips. */
export function fullTime(at: string | Date, lang: string): string {
  return format(lang, 'full', { dateStyle: 'long', timeStyle: 'medium' }).format(new Date(at));
}

/** Minutes, hours or days, rounded down: "4 min". Under a minute is a minute. */
export function span(ms: number, t: TFunction): string {
  const minutes = Math.max(1, Math.floor(ms / 60_000));
  if (minutes < 60) return t('common:time.min', { count: minutes });
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return t('common:time.hour', { count: hours });
  return t('common:time.day', { count: Math.floor(hours / 24) });
}

/** 0:14, 1:02:03 */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  const h = Math.floor(s / 3600);
  const m = Math.floor((s % 3600) / 60);
  const rest = String(s % 60).padStart(2, '0');
  return h > 0 ? `${h}:${String(m).padStart(2, '0')}:${rest}` : `${m}:${rest}`;
}
