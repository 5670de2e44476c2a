import { describe, expect, it } from 'vitest';
import type { Mark, MarkType } from '@/api/types';
import { parse, toggle, unparse } from './markup';

const every: MarkType[] = [
  'bold',
  'italic',
  'underline',
  'strike',
  'code',
  'pre',
  'quote',
  'link',
  'spoiler',
];
const cut = (text: string, marks: Mark[]) =>
  marks.map((m) => [m.type, text.slice(m.offset, m.offset + m.length)]);

describe('parse', () => {
  const cases: [string, string, [MarkType, string][]][] = [
    ['plain', 'plain', []],
    ['a **b c** d', 'a b c d', [['bold', 'b c']]],
    [
      '_it_ and __under__',
      'it and under',
      [
        ['italic', 'it'],
        ['underline', 'under'],
      ],
    ],
    [
      '**a _b_**',
      'a b',
      [
        ['bold', 'a b'],
        ['italic', 'b'],
      ],
    ],
    ['`**not**`', '**not**', [['code', '**not**']]],
    ['```\nx = 1\n```', 'x = 1', [['pre', 'x = 1']]],
    [
      '~~old~~ ||secret||',
      'old secret',
      [
        ['strike', 'old'],
        ['spoiler', 'secret'],
      ],
    ],
    ['[shop](https://a.example/x)', 'shop', [['link', 'shop']]],
    ['see\n> quoted\n> more\nend', 'see\nquoted\nmore\nend', [['quote', 'quoted\nmore']]],
    ['snake_case_name and 2**3**4', 'snake_case_name and 2**3**4', []],
    ['** no ** and __', '** no ** and __', []],
    ['👍 **да**', '👍 да', [['bold', 'да']]],
  ];
  for (const [source, text, marks] of cases) {
    it(JSON.stringify(source), () => {
      const out = parse(source, every);
      expect(out.text).toBe(text);
      expect(cut(out.text, out.marks)).toEqual(marks);
    });
  }

  it('leaves what the channel cannot show as typed', () => {
    expect(parse('**b** ~~s~~', ['bold'])).toEqual({
      text: 'b ~~s~~',
      marks: [{ type: 'bold', offset: 0, length: 1 }],
    });
  });

  it('takes no other address than http(s)', () => {
    expect(parse('[x](javascript:alert(1))', every).marks).toEqual([]);
  });

  it('is quick with hostile input', () => {
    const start = performance.now();
    parse('**_`~~||['.repeat(400), every);
    expect(performance.now() - start).toBeLessThan(1500);
  });
});

describe('unparse', () => {
  for (const source of [
    'a **b c** d',
    '**a _b_**',
    '`x`',
    '[shop](https://a.example/x)',
    'see\n> quoted\n> more\nend',
    '_a_ __b__ ~~c~~ ||d||',
  ]) {
    it(`is the way back: ${JSON.stringify(source)}`, () => {
      const { text, marks } = parse(source, every);
      expect(unparse(text, marks)).toBe(source);
    });
  }
});

describe('toggle', () => {
  it('puts signs on and takes them off', () => {
    const on = toggle('say hello now', 4, 9, 'bold');
    expect(on).toEqual({ text: 'say **hello** now', from: 6, to: 11 });
    expect(toggle(on.text, on.from, on.to, 'bold')).toEqual({ text: 'say hello now', from: 4, to: 9 });
  });
  it('selects the address of a new link', () => {
    const on = toggle('shop', 0, 4, 'link');
    expect(on.text).toBe('[shop](https://)');
    expect(on.text.slice(on.from, on.to)).toBe('https://');
  });
  it('quotes whole lines', () => expect(toggle('a\nb', 0, 3, 'quote').text).toBe('> a\n> b'));
});
