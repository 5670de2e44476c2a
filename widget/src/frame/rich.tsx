// Text with its marks, and addresses made into links.
import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Mark } from '../core/types';

const address = /\bhttps?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]}']/g;

/** Only addresses that a browser opens as a page or a program to write or call. */
export function safeURL(url: string | undefined): string | undefined {
  if (!url) return undefined;
  try {
    const u = new URL(url);
    return ['http:', 'https:', 'mailto:', 'tel:'].includes(u.protocol) ? u.href : undefined;
  } catch {
    return undefined;
  }
}

function Link({ url, children }: { url: string; children: ComponentChildren }) {
  return (
    <a href={url} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  );
}

function Spoiler({ children }: { children: ComponentChildren }) {
  const [shown, show] = useState(false);
  return (
    <button type="button" class={shown ? 'spoiler shown' : 'spoiler'} aria-expanded={shown} onClick={() => show(true)}>
      {children}
    </button>
  );
}

function linked(text: string): ComponentChildren[] {
  const out: ComponentChildren[] = [];
  let end = 0;
  for (const match of text.matchAll(address)) {
    const url = safeURL(match[0]);
    if (!url) continue;
    out.push(text.slice(end, match.index), <Link url={url}>{match[0]}</Link>);
    end = match.index + match[0].length;
  }
  out.push(text.slice(end));
  return out;
}

function wrap(mark: Mark, inner: ComponentChildren): JSX.Element {
  switch (mark.type) {
    case 'bold':
      return <b>{inner}</b>;
    case 'italic':
      return <i>{inner}</i>;
    case 'underline':
      return <u>{inner}</u>;
    case 'strike':
      return <s>{inner}</s>;
    case 'code':
      return <code>{inner}</code>;
    case 'pre':
      return <pre>{inner}</pre>;
    case 'quote':
      return <blockquote>{inner}</blockquote>;
    case 'spoiler':
      return <Spoiler>{inner}</Spoiler>;
    case 'link': {
      const url = safeURL(mark.url);
      return url ? <Link url={url}>{inner}</Link> : <>{inner}</>;
    }
    default:
      return <>{inner}</>;
  }
}

/** Cuts the text where marks begin and end, and wraps each piece in its marks, outermost first. */
function pieces(text: string, from: number, to: number, marks: Mark[]): ComponentChildren[] {
  const out: ComponentChildren[] = [];
  const sorted = [...marks].sort((a, b) => a.offset - b.offset || b.length - a.length);
  let at = from;
  while (at < to) {
    const here = sorted.find((m) => m.offset <= at && m.offset + m.length > at);
    if (!here) {
      const next = Math.min(to, ...sorted.filter((m) => m.offset > at).map((m) => m.offset));
      out.push(...linked(text.slice(at, next)));
      at = next;
      continue;
    }
    const end = Math.min(to, here.offset + here.length);
    const rest = sorted.filter((m) => m !== here);
    const inner = here.type === 'code' || here.type === 'pre' || here.type === 'link' ? [text.slice(at, end)] : pieces(text, at, end, rest);
    out.push(wrap(here, inner));
    at = end;
  }
  return out;
}

export function Rich({ text, marks }: { text: string; marks?: Mark[] }) {
  return <>{marks?.length ? pieces(text, 0, text.length, marks) : linked(text)}</>;
}
