import { describe, expect, it } from 'vitest';
import { blocks, linkify, onlyEmoji, runs, safeUrl } from './marks';

describe('runs', () => {
  it('cuts where marks begin and end, overlapping ones too', () => {
    const out = runs('abcdef', [
      { type: 'bold', offset: 0, length: 4 },
      { type: 'italic', offset: 2, length: 4 },
    ]);
    expect(out.map((r) => [r.text, r.marks.map((m) => m.type)])).toEqual([
      ['ab', ['bold']],
      ['cd', ['italic', 'bold']],
      ['ef', ['italic']],
    ]);
  });

  it('counts UTF-16 units, as the messengers do', () => {
    expect(runs('👍 ok', [{ type: 'bold', offset: 3, length: 2 }]).map((r) => r.text)).toEqual(['👍 ', 'ok']);
  });

  it('survives marks from outside the text', () => {
    const out = runs('ab', [
      { type: 'bold', offset: -5, length: 100 },
      { type: 'code', offset: 9, length: 2 },
      { type: 'italic', offset: 1, length: -3 },
    ]);
    expect(out.map((r) => r.text).join('')).toBe('ab');
    expect(out[0]?.marks.map((m) => m.type)).toEqual(['bold']);
  });

  it('never loses a letter, whatever the marks', () => {
    let seed = 7;
    const next = (n: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % n;
    };
    const text = 'The quick 🦊 jumps\nover';
    for (let i = 0; i < 300; i++) {
      const marks = Array.from({ length: next(6) }, () => ({
        type: (['bold', 'quote', 'pre', 'link'] as const)[next(4)] ?? 'bold',
        offset: next(30) - 3,
        length: next(30) - 3,
      }));
      expect(
        runs(text, marks)
          .map((r) => r.text)
          .join(''),
      ).toBe(text);
      expect(
        blocks(text, marks)
          .flatMap((b) => b.runs)
          .map((r) => r.text)
          .join(''),
      ).toBe(text);
    }
  });
});

describe('safeUrl', () => {
  for (const [url, want] of [
    ['https://a.example/x', 'https://a.example/x'],
    ['mailto:a@b.example', 'mailto:a@b.example'],
    ['a.example/x', 'https://a.example/x'],
    ['javascript:alert(1)', undefined],
    [' javascript:alert(1)', undefined],
    ['data:text/html,x', undefined],
    ['vbscript:x', undefined],
    ['//evil.example', undefined],
  ] as const) {
    it(url, () => expect(safeUrl(url)).toBe(want));
  }
});

describe('linkify', () => {
  it('finds addresses and leaves the full stop out', () => {
    expect(linkify('See https://a.example/b?c=1. Bye')).toEqual([
      { text: 'See ' },
      { text: 'https://a.example/b?c=1', url: 'https://a.example/b?c=1' },
      { text: '. Bye' },
    ]);
    expect(
      linkify('(https://a.example)')
        .map((p) => p.url)
        .filter(Boolean),
    ).toEqual(['https://a.example']);
  });
});

describe('onlyEmoji', () => {
  it('knows a lone emoji from words', () => {
    expect(onlyEmoji('👍')).toBe(true);
    expect(onlyEmoji('👍🏽 ❤️')).toBe(true);
    expect(onlyEmoji('ok 👍')).toBe(false);
    expect(onlyEmoji('123')).toBe(false);
  });
});
