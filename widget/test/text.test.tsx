import { describe, expect, it } from 'vitest';
import { contrast, dayName, duration, fill, readable, size, textOn } from '../src/core/format';
import { dictionaries, translator } from '../src/core/i18n';
import { keptStore } from '../src/core/store';
import { safeURL } from '../src/frame/rich';

describe('words', () => {
  it('are all there in both languages, with the same blanks', () => {
    const blanks = (s: string) => (s.match(/\{\w+\}/g) ?? []).sort();
    expect(Object.keys(dictionaries.en)).toEqual(Object.keys(dictionaries.ru));
    for (const [key, ru] of Object.entries(dictionaries.ru)) {
      const en = dictionaries.en[key as keyof typeof dictionaries.en];
      expect(en, key).not.toBe('');
      expect(blanks(en), key).toEqual(blanks(ru));
    }
  });
});

describe('colours', () => {
  it.each(['#2f5bea', '#f5c518', '#0d9488', '#ffffff', '#000000', '#ff0000', '#7f7f7f', '#00ff88', '#a9481f'])('of %s can be read', (c) => {
    expect(contrast(fill(c), textOn(c))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(readable(c, '#ffffff'), '#ffffff')).toBeGreaterThanOrEqual(4.5);
    expect(contrast(readable(c, '#1b1f27'), '#1b1f27')).toBeGreaterThanOrEqual(4.5);
  });
});

describe('formats', () => {
  const t = translator('ru');
  it('says sizes, lengths and days', () => {
    expect([size(10, t), size(80_000, t), size(1_048_576, t), size(2_600_000, t)]).toEqual(['10 Б', '78 КБ', '1 МБ', '2.5 МБ']);
    expect([duration(0), duration(61.4), duration(600)]).toEqual(['0:00', '1:01', '10:00']);
    const now = new Date(2026, 10, 24, 1).getTime();
    expect([dayName(now, now, 'ru', t), dayName(now - 7200_000, now, 'ru', t), dayName(now + 86_400_000, now, 'ru', t)]).toEqual(['сегодня', 'вчера', 'завтра']);
  });
});

describe('addresses', () => {
  it.each([
    ['https://a.b/c?d=1', true], ['mailto:a@b.c', true], ['tel:+7', true],
    ['javascript:alert(1)', false], ['JaVaScRiPt:alert(1)', false], ['data:text/html,x', false], ['/relative', false], ['', false],
  ])('%s', (url, safe) => expect(safeURL(url) !== undefined).toBe(safe));
});

describe('a store that the page keeps', () => {
  it('gives what was saved and hands over what changes', () => {
    const kept: [string, string | undefined][] = [];
    const s = keptStore({ token: 'x', 'q.1': '{}' }, (k, v) => kept.push([k, v]));
    s.set('draft', 'd');
    s.remove('q.1');
    expect([s.get('token'), s.get('draft'), s.keys('q.')]).toEqual(['x', 'd', []]);
    expect(kept).toEqual([['draft', 'd'], ['q.1', undefined]]);
  });
});
