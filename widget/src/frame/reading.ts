// What the visitor has seen: the server is told, and the page around the frame of what is still unread.
import type { Timeline, Message } from '../core/timeline';
import type { Session } from '../core/types';

export interface Marks {
  read?: string;
  delivered?: string;
}

export interface ReadingDeps {
  timeline(): Timeline;
  session(): Session | undefined;
  /** The chat is open before the visitor's eyes. */
  seen(): boolean;
  mark(marks: Marks): void;
  changed(): void;
  unread(count: number, author: string, text: string): void;
}

export class Reading {
  private told = '';

  constructor(private readonly d: ReadingDeps) {}

  /** What has come from the company, the newest. */
  private newest(): Message | undefined {
    const list = this.d.timeline().messages;
    for (let i = list.length - 1; i >= 0; i--) if (list[i]?.own) return list[i];
    return undefined;
  }

  delivered(): void {
    const last = this.newest();
    const session = this.d.session();
    if (!last || !session || last.seq <= session.delivered) return;
    session.delivered = last.seq;
    this.d.mark({ delivered: last.id });
  }

  /** The visitor sees what there is. */
  read(): void {
    const last = this.newest();
    const session = this.d.session();
    if (!this.d.seen() || !last || !session || last.seq <= session.read) return;
    session.read = last.seq;
    this.d.mark({ read: last.id });
    this.d.changed();
    this.tell();
  }

  get unread(): Message[] {
    const read = this.d.session()?.read ?? 0;
    return this.d.timeline().messages.filter((m) => m.own && m.seq > read && !m.deleted);
  }

  /** Tells the page around the frame, when something is new to it. */
  tell(): void {
    const unread = this.unread;
    const last = unread[unread.length - 1];
    const told = `${unread.length} ${last?.id}`;
    if (told === this.told) return;
    this.told = told;
    this.d.unread(unread.length, last?.author ?? '', last?.text?.slice(0, 140) ?? '');
  }
}
