import type { Mark, MarkType } from '@/api/types';

/** What a typed text means: the words and the marks on them. */
export interface Marked {
  text: string;
  marks: Mark[];
}

interface Rule {
  type: MarkType;
  open: string;
  close: string;
  /** Nothing inside it is taken for markup. */
  literal?: boolean;
}

// Longer signs first: "**" is not two "*".
const rules: Rule[] = [
  { type: 'pre', open: '```', close: '```', literal: true },
  { type: 'code', open: '`', close: '`', literal: true },
  { type: 'bold', open: '**', close: '**' },
  { type: 'underline', open: '__', close: '__' },
  { type: 'strike', open: '~~', close: '~~' },
  { type: 'spoiler', open: '||', close: '||' },
  { type: 'italic', open: '_', close: '_' },
];

const word = /[\p{L}\p{N}]/u;

/** Signs count only around words: in snake_case or 5**2 they are just signs. */
function opens(text: string, at: number, rule: Rule): boolean {
  if (!text.startsWith(rule.open, at)) return false;
  const before = text[at - 1];
  const after = text[at + rule.open.length];
  if (!after || (!rule.literal && /\s/.test(after))) return false;
  return rule.literal || !before || !word.test(before);
}

function closes(text: string, from: number, rule: Rule): number {
  for (let at = text.indexOf(rule.close, from); at >= 0; at = text.indexOf(rule.close, at + 1)) {
    if (at === from) continue;
    const before = text[at - 1] ?? '';
    const after = text[at + rule.close.length];
    if (rule.literal) return at;
    if (!rule.literal && text.slice(from, at).includes('\n\n')) return -1;
    if (!/\s/.test(before) && (!after || !word.test(after))) return at;
  }
  return -1;
}

const link = /^\[([^\]\n]+)\]\((https?:\/\/[^\s)]+)\)/;

function inline(source: string, allowed: Set<MarkType>, base: number): Marked {
  let text = '';
  const marks: Mark[] = [];
  let at = 0;
  next: while (at < source.length) {
    for (const rule of rules) {
      if (!allowed.has(rule.type) || !opens(source, at, rule)) continue;
      const from = at + rule.open.length;
      const to = closes(source, from, rule);
      if (to < 0) continue;
      const body = source.slice(from, to);
      const inner = rule.literal
        ? { text: rule.type === 'pre' ? body.replace(/^\n|\n$/g, '') : body, marks: [] }
        : inline(body, allowed, 0);
      const offset = base + text.length;
      marks.push({ type: rule.type, offset, length: inner.text.length });
      for (const m of inner.marks) marks.push({ ...m, offset: m.offset + offset });
      text += inner.text;
      at = to + rule.close.length;
      continue next;
    }
    const found = allowed.has('link') && source[at] === '[' ? link.exec(source.slice(at)) : null;
    if (found) {
      const label = found[1] ?? '';
      marks.push({ type: 'link', offset: base + text.length, length: label.length, url: found[2] });
      text += label;
      at += found[0].length;
      continue;
    }
    text += source[at];
    at++;
  }
  return { text, marks };
}

/** Reads typed markup; what the channel cannot show stays as it was typed. */
export function parse(source: string, marks: readonly MarkType[]): Marked {
  const allowed = new Set(marks);
  if (!allowed.has('quote') || !/^> /m.test(source)) return inline(source, allowed, 0);
  const out: Marked = { text: '', marks: [] };
  const parts = source.split(/(^(?:> .*(?:\n|$))+)/m).filter((p) => p !== '');
  for (const part of parts) {
    const quoted = part.startsWith('> ');
    const body = quoted ? part.replace(/^> /gm, '') : part;
    const inner = inline(body, allowed, out.text.length);
    const length = quoted ? inner.text.replace(/\n$/, '').length : 0;
    if (quoted && length) out.marks.push({ type: 'quote', offset: out.text.length, length });
    out.text += inner.text;
    out.marks.push(...inner.marks);
  }
  return out;
}

const signs: Partial<Record<MarkType, [string, string]>> = Object.fromEntries(
  rules.map((r) => [r.type, [r.open, r.close]]),
);

/** The way back, for editing a sent message. */
export function unparse(text: string, marks: Mark[] = []): string {
  const put: { at: number; sign: string; order: number }[] = [];
  marks.forEach((m, i) => {
    const end = m.offset + m.length;
    if (m.type === 'quote') {
      put.push({ at: m.offset, sign: '> ', order: -1000 });
      for (let k = text.indexOf('\n', m.offset); k >= 0 && k < end; k = text.indexOf('\n', k + 1))
        put.push({ at: k + 1, sign: '> ', order: -1000 });
      return;
    }
    const [open, close] =
      m.type === 'link' ? (m.url ? ['[', `](${m.url})`] : ['', '']) : (signs[m.type] ?? ['', '']);
    // Outer marks open first and close last.
    put.push({ at: m.offset, sign: open, order: 1000 - m.length + i / 1000 });
    put.push({ at: end, sign: close, order: -900 + m.length - i / 1000 });
  });
  put.sort((a, b) => a.at - b.at || a.order - b.order);
  let out = '';
  let at = 0;
  for (const p of put) {
    out += text.slice(at, p.at) + p.sign;
    at = p.at;
  }
  return out + text.slice(at);
}

export interface Change {
  text: string;
  from: number;
  to: number;
}

/** Puts signs around the selection, or takes them off if they are there. */
export function toggle(text: string, from: number, to: number, type: MarkType): Change {
  const [open, close] = type === 'link' ? ['[', '](https://)'] : (signs[type] ?? ['', '']);
  if (type === 'quote') {
    const start = text.lastIndexOf('\n', from - 1) + 1;
    const block = text.slice(start, to);
    const quoted = block.split('\n').every((l) => l.startsWith('> '));
    const next = block
      .split('\n')
      .map((l) => (quoted ? l.slice(2) : `> ${l}`))
      .join('\n');
    return { text: text.slice(0, start) + next + text.slice(to), from: start, to: start + next.length };
  }
  const chosen = text.slice(from, to);
  if (text.slice(from - open.length, from) === open && text.slice(to, to + close.length) === close && open) {
    return {
      text: text.slice(0, from - open.length) + chosen + text.slice(to + close.length),
      from: from - open.length,
      to: to - open.length,
    };
  }
  const next = text.slice(0, from) + open + chosen + close + text.slice(to);
  if (type === 'link')
    return { text: next, from: to + open.length + 2, to: to + open.length + close.length - 1 };
  return { text: next, from: from + open.length, to: to + open.length };
}
