import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TFunction } from 'i18next';
import { describe, expect, it } from 'vitest';
import { snoozeChoices } from '@/features/conversations/snooze';
import { initials } from './Avatar';
import { fileSize } from './FileSize';
import { daysBetween, duration, shortTime, span } from './time';

const t = ((key: string, o?: Record<string, unknown>) =>
  `${key.split('.').pop()}:${o?.count ?? o?.n ?? ''}`) as unknown as TFunction;

describe('times', () => {
  it('tells how long somebody waits', () => {
    expect(span(20_000, t)).toBe('min:1');
    expect(span(4 * 60_000 + 59_000, t)).toBe('min:4');
    expect(span(119 * 60_000, t)).toBe('hour:1');
    expect(span(50 * 3600_000, t)).toBe('day:2');
  });
  it('counts calendar days, not hours', () => {
    expect(daysBetween(new Date(2026, 10, 23, 23, 59), new Date(2026, 10, 24, 0, 1))).toBe(1);
    expect(daysBetween(new Date(2026, 10, 24, 0, 1), new Date(2026, 10, 24, 23, 59))).toBe(0);
  });
  it('shortens with distance', () => {
    const now = new Date(2026, 10, 24, 15, 0);
    expect(shortTime(new Date(2026, 10, 24, 9, 5).toISOString(), 'en', t, now)).toBe('09:05');
    expect(shortTime(new Date(2026, 10, 23, 9, 5).toISOString(), 'en', t, now)).toBe('yesterday:');
    expect(shortTime(new Date(2026, 2, 3).toISOString(), 'en', t, now)).toBe('3 Mar');
  });
  it('writes lengths', () =>
    expect([14, 0, 65.4, 3723].map(duration)).toEqual(['0:14', '0:00', '1:05', '1:02:03']));
});

describe('words', () => {
  it('takes initials', () => {
    expect(['Мария Соколова', 'ООО «Луч», Ольга', 'anna', '', '🙂'].map(initials)).toEqual([
      'МС',
      'ОЛ',
      'A',
      '?',
      '?',
    ]);
  });
  it('writes sizes', () =>
    expect([500, 86_200, 5_242_880].map((n) => fileSize(n, t, 'en'))).toEqual(['b:500', 'kb:84', 'mb:5']));
});

describe('snooze', () => {
  it('offers only what lies ahead', () => {
    const morning = snoozeChoices(new Date(2026, 10, 24, 10)); // a Tuesday
    expect(morning.map((c) => c.key)).toEqual(['hour', 'evening', 'tomorrow', 'monday']);
    expect(morning[3]?.at.getDay()).toBe(1);
    const late = new Date(2026, 10, 29, 22); // a Sunday
    expect(snoozeChoices(late).map((c) => c.key)).toEqual(['hour', 'tomorrow']);
    for (const c of snoozeChoices(late)) expect(c.at.getTime()).toBeGreaterThan(late.getTime());
  });
});

describe('tokens', () => {
  const css = readFileSync(join(import.meta.dirname, '../app/tokens.css'), 'utf8');
  const read = (part: string) =>
    new Map([...part.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((m) => [m[1] as string, m[2] as string]));
  const cut = css.indexOf('[data-mantine-color-scheme="dark"]');
  const themes = { light: read(css.slice(0, cut)), dark: read(css.slice(cut)) };
  const light = (hex: string) => {
    const [r, g, b] = [1, 3, 5]
      .map((i) => Number.parseInt(hex.slice(i, i + 2), 16) / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)) as [number, number, number];
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a: string, b: string) => {
    const [x, y] = [light(a), light(b)].sort((p, q) => q - p) as [number, number];
    return (x + 0.05) / (y + 0.05);
  };
  const pairs: [string, string[]][] = [
    ['text', ['bg', 'panel', 'hover', 'sel', 'in', 'out', 'note', 'accent-soft']],
    ['dim', ['bg', 'panel', 'hover', 'sel', 'accent-soft', 'in']],
    ['faint', ['bg', 'panel', 'hover', 'in']],
    ['accent-text', ['bg', 'panel', 'hover', 'sel', 'accent-soft', 'out']],
    ['on-accent', ['accent']],
    ['out-meta', ['out', 'in']],
    ['note-meta', ['note']],
    ['warn', ['panel', 'hover', 'sel', 'warn-soft', 'out']],
    ['bad', ['panel', 'hover', 'bad-soft', 'sel', 'out']],
    ['ok', ['panel', 'ok-soft']],
    ['on-bad', ['bad']],
    ['on-mark', ['mark']],
  ];
  for (const [name, tokens] of Object.entries(themes)) {
    for (const [front, backs] of pairs) {
      it(`${name}: ${front} is readable`, () => {
        for (const back of backs)
          expect(
            contrast(tokens.get(front) ?? '', tokens.get(back) ?? ''),
            `${front} on ${back}`,
          ).toBeGreaterThanOrEqual(4.5);
      });
    }
  }
});
