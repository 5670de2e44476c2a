import type { Mark } from '@/api/types';

/** A run of text and the marks that cover the whole of it. */
export interface Run {
  text: string;
  marks: Mark[];
}

const inner: Mark['type'][] = [
  'code',
  'mention',
  'link',
  'strike',
  'underline',
  'italic',
  'bold',
  'spoiler',
  'quote',
  'pre',
];

/** Cuts a text where any mark begins or ends. Offsets are UTF-16 units; what points outside is cut to size. */
export function runs(text: string, marks: Mark[] = []): Run[] {
  const sound = marks
    .map((m) => {
      const start = Math.max(0, Math.min(text.length, m.offset));
      return { ...m, offset: start, length: Math.max(0, Math.min(text.length, m.offset + m.length) - start) };
    })
    .filter((m) => m.length > 0);
  const cuts = new Set([0, text.length]);
  for (const m of sound) {
    cuts.add(m.offset);
    cuts.add(m.offset + m.length);
  }
  const at = [...cuts].sort((a, b) => a - b);
  const out: Run[] = [];
  for (let i = 0; i + 1 < at.length; i++) {
    const from = at[i] as number;
    const to = at[i + 1] as number;
    const over = sound.filter((m) => m.offset <= from && m.offset + m.length >= to);
    out.push({
      text: text.slice(from, to),
      marks: over.sort((a, b) => inner.indexOf(a.type) - inner.indexOf(b.type)),
    });
  }
  return out;
}

/** Neighbouring runs under the same block (a quote, preformatted text) are drawn in one. */
export interface Block {
  kind: 'text' | 'quote' | 'pre';
  runs: Run[];
}

export function blocks(text: string, marks?: Mark[]): Block[] {
  const out: Block[] = [];
  for (const run of runs(text, marks)) {
    const kind = run.marks.some((m) => m.type === 'pre')
      ? 'pre'
      : run.marks.some((m) => m.type === 'quote')
        ? 'quote'
        : 'text';
    const last = out.at(-1);
    const rest = { ...run, marks: run.marks.filter((m) => m.type !== 'pre' && m.type !== 'quote') };
    if (last?.kind === kind) last.runs.push(rest);
    else out.push({ kind, runs: [rest] });
  }
  return out;
}

/** A link of a stranger: only what cannot run anything. */
export function safeUrl(url: string | undefined): string | undefined {
  if (!url) return undefined;
  const trimmed = url.trim();
  if (/^(https?:\/\/|mailto:|tel:)/i.test(trimmed)) return trimmed;
  if (/^[\w-]+(\.[\w-]+)+(\/|$|\?|:\d)/.test(trimmed)) return `https://${trimmed}`;
  return undefined;
}

export interface Piece {
  text: string;
  url?: string;
}

const address = /https?:\/\/[^\s<>"«»]+/gi;

/** Finds web addresses in plain text; a full stop or bracket after one is not part of it. */
export function linkify(text: string): Piece[] {
  const out: Piece[] = [];
  let at = 0;
  for (const found of text.matchAll(address)) {
    let url = found[0].replace(/[.,;:!?'…]+$/, '');
    if (url.endsWith(')') && !url.includes('(')) url = url.slice(0, -1);
    if (found.index > at) out.push({ text: text.slice(at, found.index) });
    out.push({ text: url, url });
    at = found.index + url.length;
  }
  if (at < text.length) out.push({ text: text.slice(at) });
  return out;
}

const emoji =
  /^(?:\p{Extended_Pictographic}(?:\uFE0F|\u200D\p{Extended_Pictographic}|[\u{1F3FB}-\u{1F3FF}])*\s?){1,3}$/u;

/** One to three emoji and nothing else: shown large. */
export const onlyEmoji = (text: string): boolean => text.length <= 24 && emoji.test(text);
