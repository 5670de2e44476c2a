// What was said, put together from the entries of the log.
import type { Batch, Content, Entry } from './types';

export interface Message extends Content {
  id: string;
  seq: number;
  kind: 'message' | 'press';
  /** Written by the business. */
  own: boolean;
  author?: string;
  at: number;
  edited?: boolean;
  deleted?: boolean;
  reaction?: string;
  /** The button of this message that was pressed last. */
  pressed?: string;
}

export class Timeline {
  /** By seq, ascending, without gaps from the oldest to the newest. */
  messages: Message[] = [];
  /** The newest seq that the stream has brought; the place to resume from. */
  seq = 0;
  /** There is older history than what is here. */
  older = false;
  private readonly byId = new Map<string, Message>();
  /** Changes to messages that are not loaded yet, in order. */
  private readonly pending = new Map<string, Entry[]>();

  /** Takes a batch of the stream, whose entries follow seq without a gap. */
  stream(b: Batch): Message[] {
    const fresh = b.entries.filter((e) => e.seq > this.seq);
    const last = fresh[fresh.length - 1];
    if (last) this.seq = last.seq;
    return this.take(fresh);
  }

  /** Takes a page of history: the newest one, or one before the oldest. */
  history(b: Batch): void {
    const last = b.entries[b.entries.length - 1];
    if (last && this.seq === 0) this.seq = last.seq;
    this.older = b.more;
    this.take(b.entries);
  }

  /** Takes the answer to a message: it is there, but says nothing of others. */
  single(e: Entry): void {
    this.take([e]);
  }

  get oldest(): number {
    return this.messages[0]?.seq ?? 0;
  }

  get(id: string): Message | undefined {
    return this.byId.get(id);
  }

  private take(entries: Entry[]): Message[] {
    const added: Message[] = [];
    for (const e of entries) {
      if (e.kind === 'message' || e.kind === 'press') {
        if (this.byId.has(e.id)) continue;
        const { kind, ref: _ref, at, ...rest } = e;
        const m: Message = { ...rest, kind, at: Date.parse(at) };
        this.byId.set(m.id, m);
        added.push(m);
        for (const change of this.pending.get(m.id) ?? []) this.change(m, change);
        this.pending.delete(m.id);
      }
      if (e.ref) {
        const target = this.byId.get(e.ref);
        if (target) this.change(target, e);
        else this.pending.set(e.ref, [...(this.pending.get(e.ref) ?? []), e]);
      }
    }
    if (added.length) this.messages = [...this.messages, ...added].sort((a, b) => a.seq - b.seq);
    return added;
  }

  private change(m: Message, e: Entry): void {
    switch (e.kind) {
      case 'edit':
        if (m.deleted) return;
        m.text = e.text;
        m.marks = e.marks;
        m.buttons = e.buttons;
        m.edited = true;
        break;
      case 'deletion':
        m.deleted = true;
        m.text = m.marks = m.files = m.buttons = m.quote = m.location = m.contacts = undefined;
        break;
      case 'reaction':
        m.reaction = e.emoji || undefined;
        break;
      case 'press':
        m.pressed = e.text;
        break;
    }
  }
}

/** The id that the browser gave to a message of its own. */
export function clientId(key: string): string {
  return key.slice(key.indexOf('.') + 1);
}
