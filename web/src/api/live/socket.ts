import type { QueryClient } from '@tanstack/react-query';
import { Centrifuge } from 'centrifuge';
import { connection } from '@/app/connection';
import { API, api } from '../client';
import { compareIds, newerId, stepBack } from '../ids';
import { keys } from '../keys';
import { resendWaiting } from '../outbox';
import type { Conversation, Event, ID, Item, Me, Presence, User } from '../types';
import { applyEvent, type LiveContext, markRead, patchConversation, replaceIn } from './apply';
import { clearSignals, typing, viewing } from './signals';

type Typing = Parameters<typeof typing>[0];
type Viewing = Parameters<typeof viewing>[0];

interface Publication {
  event?: Event;
  typing?: Typing;
  viewing?: Viewing;
  presence?: { user_id: ID; presence: Presence };
  read?: { conversation_id: ID; item_id: ID };
}

export interface LiveOptions {
  client: QueryClient;
  /** The newest event the caches already hold (Me.event_id). */
  from: ID;
  reading: () => ID | undefined;
  /** New things worth a sound or a notification; not called for what is caught up with. */
  onItem?: (item: Item) => void;
}

const overlap = 100;
const remembered = 4000;

/**
 * Keeps the caches current over one socket. Events carry increasing ids; after every (re)connect the gap is
 * read with GET /events?after=, and what arrives meanwhile waits its turn, so that nothing is missed or applied twice.
 */
export class Live {
  private readonly socket: Centrifuge;
  private readonly o: LiveOptions;
  private last: ID;
  /** What was there before this page asked for anything: never applied. */
  private floor: ID;
  private readonly seen = new Set<ID>();
  private gapRead = 0;
  private catching = false;
  private held: Event[] = [];
  private closed = false;
  private timers: Record<string, ReturnType<typeof setTimeout>> = {};

  constructor(o: LiveOptions) {
    this.o = o;
    this.last = o.from;
    this.floor = o.from;
    const origin = window.location.origin.replace(/^http/, 'ws');
    this.socket = new Centrifuge(`${origin}${API}/socket`, {
      minReconnectDelay: 300,
      maxReconnectDelay: 8000,
    });
    this.socket.on('connected', () => this.catchUp());
    this.socket.on('connecting', ({ code }) => connection.set(code === 0 ? 'connecting' : 'lost'));
    this.socket.on('disconnected', ({ code }) => {
      if (this.closed) return;
      connection.set('lost');
      // The server said not to come back (a session ended, a node left): ask who we are, then try again.
      if (code >= 3500) this.later('reconnect', 3000, () => this.reconnect());
    });
    // A first attempt that fails is a lost connection too, though none was there to lose.
    this.socket.on('error', () => {
      if (!this.closed && this.socket.state !== 'connected') connection.set('lost');
    });
    this.socket.on('publication', ({ data }) => this.receive(data as Publication));
    connection.setRetry(() => this.reconnect());
    window.addEventListener('online', this.online);
    this.socket.connect();
  }

  close(): void {
    this.closed = true;
    for (const timer of Object.values(this.timers)) clearTimeout(timer);
    window.removeEventListener('online', this.online);
    connection.setRetry(undefined);
    this.socket.disconnect();
    clearSignals();
  }

  private readonly online = () => this.reconnect();

  private reconnect(): void {
    if (this.closed || this.socket.state === 'connected') return;
    this.socket.disconnect();
    this.socket.connect();
  }

  private later(name: string, ms: number, f: () => void): void {
    if (this.timers[name]) return;
    this.timers[name] = setTimeout(() => {
      delete this.timers[name];
      f();
    }, ms);
  }

  private async catchUp(quiet = false): Promise<void> {
    if (this.catching || this.closed) return;
    this.catching = true;
    if (!quiet) connection.set('recovering');
    try {
      // A little overlap: what was published out of order just before the connection went is seen then.
      let after = stepBack(this.last, overlap, this.floor);
      for (;;) {
        const gap = await api.get<{ items: Event[]; last: ID; reset: boolean }>('/events', {
          after,
        });
        if (this.closed) return;
        if (gap.reset) {
          this.reset(gap.last);
          break;
        }
        for (const event of gap.items) this.apply(event, false);
        const end = gap.items.at(-1)?.id;
        if (!end || compareIds(end, gap.last) >= 0) break;
        after = end;
      }
      this.catching = false;
      const held = this.held.sort((a, b) => compareIds(a.id, b.id));
      this.held = [];
      for (const event of held) this.apply(event, true);
      connection.set('live');
      resendWaiting();
    } catch {
      // The socket is up but the interface is not: the same again shortly.
      this.catching = false;
      if (this.closed) return;
      connection.set('lost');
      this.later('catch', 2000, () => this.catchUp());
    }
  }

  /** Too far behind to catch up: everything is read anew. */
  private reset(last: ID): void {
    this.last = last;
    this.floor = last;
    this.held = this.held.filter((e) => compareIds(e.id, last) > 0);
    this.o.client.invalidateQueries();
  }

  private receive(p: Publication): void {
    const { client } = this.o;
    if (p.event) {
      if (this.catching || connection.get() !== 'live') this.held.push(p.event);
      else this.apply(p.event, true);
    }
    const me = client.getQueryData<Me>(keys.me)?.user.id;
    if (p.typing && p.typing.user_id !== me) typing(p.typing);
    if (p.viewing && p.viewing.user_id !== me) viewing(p.viewing);
    if (p.presence) this.presence(p.presence);
    if (p.read && me) markRead(client, p.read.conversation_id, me);
  }

  private apply(event: Event, fresh: boolean): void {
    if (compareIds(event.id, this.floor) <= 0 || this.seen.has(event.id)) return;
    this.seen.add(event.id);
    if (this.seen.size > remembered)
      for (const old of [...this.seen].slice(0, remembered / 2)) this.seen.delete(old);
    if (fresh && BigInt(event.id) > BigInt(this.last) + 1n) this.suspectGap();
    this.last = newerId(this.last, event.id);
    applyEvent(this.o.client, event, this.context);
    if (fresh && event.type === 'item.created' && event.item) this.o.onItem?.(event.item);
  }

  /** An id was left out: not for our eyes, late, or lost. Asked for at most every quarter of a minute. */
  private suspectGap(): void {
    const wait = Math.max(1500, this.gapRead + 15_000 - Date.now());
    this.later('gap', wait, () => {
      this.gapRead = Date.now();
      if (connection.get() === 'live') this.catchUp(true);
    });
  }

  private presence({ user_id, presence }: { user_id: ID; presence: Presence }): void {
    const { client } = this.o;
    client.setQueryData<User[]>(keys.users, (list) => {
      const user = list?.find((u) => u.id === user_id);
      return user && list ? replaceIn(list, { ...user, presence }) : list;
    });
    client.setQueryData<Me>(keys.me, (me) =>
      me?.user.id === user_id ? { ...me, user: { ...me.user, presence } } : me,
    );
  }

  private readonly context: LiveContext = {
    reading: () => this.o.reading(),
    learn: (id) => this.later(`learn ${id}`, 300, () => this.learn(id)),
    recount: () =>
      this.later('recount', 1500, () => this.o.client.invalidateQueries({ queryKey: keys.counts })),
  };

  private async learn(id: ID): Promise<void> {
    try {
      const c = await api.get<Conversation>(`/conversations/${id}`);
      patchConversation(this.o.client, id, (old) => ({
        ...old,
        unread: c.unread,
        mentioned: c.mentioned,
        has_draft: c.has_draft,
        draft_text: c.draft_text,
      }));
    } catch {
      // The row stands without its badge until the list is read again.
    }
  }
}
