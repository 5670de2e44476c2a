import type { Contact, ContactBrief } from '@/api/types';

export interface Fillings {
  contact: ContactBrief & Partial<Pick<Contact, 'fields'>>;
  agent: string;
  inbox: string;
}

/** Puts names and fields into a canned reply. What is not known leaves nothing behind but single spaces. */
export function fill(text: string, f: Fillings): string {
  const filled = text.replace(/\{\{\s*([\w.]+)\s*\}\}/g, (_, name: string) => {
    if (name === 'contact.name') return f.contact.name;
    if (name === 'contact.first_name') return f.contact.name.split(' ')[0] ?? '';
    if (name === 'agent.name') return f.agent;
    if (name === 'inbox.name') return f.inbox;
    if (name.startsWith('contact.fields.')) {
      const value = f.contact.fields?.[name.slice('contact.fields.'.length)];
      return value === null || value === undefined ? '' : String(value);
    }
    return '';
  });
  return filled.replace(/[ \t]{2,}/g, ' ').replace(/ ([,.!?])/g, '$1');
}

/** What stands right before the caret: a "/" that begins a text or line, an "@" that begins a word. */
export function trigger(
  text: string,
  caret: number,
): { kind: '/' | '@'; word: string; from: number } | undefined {
  const before = text.slice(0, caret);
  const canned = /(?:^|\n)\/([^\s/]{0,30})$/.exec(before);
  if (canned) return { kind: '/', word: canned[1] ?? '', from: caret - (canned[1] ?? '').length - 1 };
  const mention = /(?:^|[\s(])@([\p{L}\p{N}_.-]{0,30}(?: [\p{L}]{0,20})?)$/u.exec(before);
  if (mention) return { kind: '@', word: mention[1] ?? '', from: caret - (mention[1] ?? '').length - 1 };
  return undefined;
}

/** Who is called in a note: everybody whose "@Name" stands in it. */
export function mentioned(text: string, users: { id: string; name: string }[]): string[] {
  return users.filter((u) => text.includes(`@${u.name}`)).map((u) => u.id);
}
