import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Conversation, Draft, Event, Item, Problem, Target } from '../src/api/types';
import { adminRoutes, Refuse } from './admin';
import {
  canned,
  channels,
  fields,
  inboxes,
  me,
  permissions,
  roles,
  tags,
  teams,
  templates,
  users,
  views,
} from './company';
import { media } from './media';
import {
  addFile,
  build,
  contacts,
  conversations,
  files,
  iso,
  item,
  items,
  itemsOf,
  newId,
  preview,
} from './talk';

// Enough of the contract to look at pages with; nothing here is the product.

build(Number(process.env.OKNO_FAKE_SIZE ?? 420));

const events: Event[] = [];
const drafts = new Map<string, Draft>();
let lastEvent = 0;
export const sockets = new Set<(data: unknown) => void>();

export function publish(part: Omit<Event, 'id' | 'at'>): void {
  const event = { ...part, id: String(++lastEvent), at: iso(Date.now()) };
  events.push(event);
  for (const send of sockets) send({ event });
}

export function transient(data: unknown): void {
  for (const send of sockets) send(data);
}

class Fail extends Error {
  constructor(
    public status: number,
    public code: string,
  ) {
    super(code);
  }
}

interface Call {
  method: string;
  path: string;
  q: URLSearchParams;
  body: Record<string, unknown>;
  raw: Buffer;
  type: string;
}
type Handler = (c: Call, ...ids: string[]) => unknown;

const find = (id: string): Conversation => {
  const c = conversations.find((x) => x.id === id);
  if (!c) throw new Fail(404, 'conversation.not_found');
  return c;
};
const findItem = (id: string): Item => {
  for (const list of items.values()) for (const i of list) if (i.id === id) return i;
  throw new Fail(404, 'item.not_found');
};
const all = <T>(list: T[]) => ({ items: list });

function touch(c: Conversation, i?: Item): void {
  if (i) {
    c.last_at = i.at;
    c.preview = preview(i);
  }
  publish({ type: 'conversation.updated', conversation: { ...c, unread: 0 } });
}

function add(c: Conversation, i: Item): Item {
  itemsOf(c.id).push(i);
  conversations.splice(conversations.indexOf(c), 1);
  conversations.unshift(c);
  if (i.kind !== 'event') touch(c, i);
  publish({ type: 'item.created', item: i, ids: { conversation_id: c.id } });
  return i;
}

function listConversations({ q }: Call) {
  const has = (k: string) => q.get(k) ?? undefined;
  const status = has('status') ?? 'active';
  const list = conversations.filter((c) => {
    if (q.get('scope') === 'mine' && c.assignee_id !== '1') return false;
    if (q.get('scope') === 'unassigned' && c.assignee_id) return false;
    if (q.get('scope') === 'mentions' && !c.mentioned) return false;
    if (
      status === 'active' ? !['open', 'pending'].includes(c.status) : status !== 'any' && c.status !== status
    )
      return false;
    if (has('inbox_id') && c.inbox_id !== has('inbox_id')) return false;
    if (has('channel_kind') && !c.channel_kinds.includes(has('channel_kind') as never)) return false;
    if (has('tag_id') && !c.tag_ids.includes(has('tag_id') as string)) return false;
    if (has('assignee_id') && c.assignee_id !== has('assignee_id')) return false;
    if (has('unread') && !c.unread) return false;
    return !(has('waiting') && !c.waiting_since);
  });
  if (q.get('sort') === 'waiting')
    list.sort((a, b) => (a.waiting_since ?? '9').localeCompare(b.waiting_since ?? '9'));
  const from = Number(q.get('cursor') ?? 0);
  const limit = Number(q.get('limit') ?? 50);
  return {
    items: list.slice(from, from + limit),
    next: from + limit < list.length ? String(from + limit) : undefined,
  };
}

function page(c: Call, id: string) {
  const list = itemsOf(id);
  const limit = Number(c.q.get('limit') ?? 50);
  let from = Math.max(0, list.length - limit);
  let to = list.length;
  const at = (k: string) => list.findIndex((i) => i.id === c.q.get(k));
  if (c.q.get('before')) {
    to = at('before');
    from = Math.max(0, to - limit);
  } else if (c.q.get('after')) {
    from = at('after') + 1;
    to = from + limit;
  } else if (c.q.get('around')) {
    const middle = at('around');
    from = Math.max(0, middle - limit / 2);
    to = from + limit;
  }
  return { items: list.slice(from, to), has_before: from > 0, has_after: to < list.length };
}

function send({ body }: Call, id: string): Item {
  const c = find(id);
  const content = (body.content ?? {}) as Item['content'];
  if (content.text === '/500') throw new Fail(503, 'unavailable');
  const replied = body.reply_to ? findItem(body.reply_to as string) : undefined;
  const i = item(c, {
    at: iso(Date.now()),
    direction: 'out',
    channel_id: body.channel_id as string,
    content,
    client_id: body.client_id as string,
    files: ((body.file_ids ?? []) as string[]).map((f) => files.get(f)).filter((f) => f !== undefined),
    state: body.send_at ? 'scheduled' : 'queued',
    scheduled_at: body.send_at as string,
    reply_to: replied
      ? { item_id: replied.id, author: replied.author.name, text: replied.content.text ?? '' }
      : undefined,
  });
  c.waiting_since = undefined;
  add(c, i);
  if (!body.send_at) {
    const steps = content.text?.includes('fail')
      ? (['sending', 'failed'] as const)
      : (['sent', 'delivered', 'read'] as const);
    steps.forEach((state, k) => {
      setTimeout(
        () => {
          i.state = state;
          if (state === 'failed') i.reason = 'blocked';
          publish({ type: 'item.updated', item: { ...i } });
        },
        700 * (k + 1),
      );
    });
    if (content.text?.endsWith('?')) answer(c);
  }
  return i;
}

function answer(c: Conversation): void {
  setTimeout(() => transient({ typing: { conversation_id: c.id, contact: true, activity: 'typing' } }), 1500);
  setTimeout(() => {
    c.unread++;
    c.waiting_since = iso(Date.now());
    add(c, item(c, { at: iso(Date.now()), direction: 'in', content: { text: 'Да, конечно, подожду 👍' } }));
  }, 4500);
}

function patchConversation({ body }: Call, id: string): Conversation {
  const c = find(id);
  for (const k of ['status', 'snoozed_until', 'assignee_id', 'team_id', 'inbox_id'] as const) {
    if (!(k in body)) continue;
    const type = {
      status: `conversation.${body[k] === 'open' ? 'reopened' : body[k]}`,
      snoozed_until: '',
      assignee_id: body[k] ? 'conversation.assigned' : 'conversation.unassigned',
      team_id: 'conversation.team_changed',
      inbox_id: 'conversation.inbox_changed',
    }[k];
    Object.assign(c, { [k]: body[k] ?? undefined });
    if (type)
      add(
        c,
        item(c, {
          at: iso(Date.now()),
          kind: 'event',
          direction: '',
          author: { type: 'user', id: '1', name: 'Анна Ковалёва' },
          content: {},
          event: { type, user_id: '1', data: { [k]: String(body[k] ?? ''), until: c.snoozed_until ?? '' } },
        }),
      );
  }
  if (c.status === 'resolved') c.waiting_since = undefined;
  if (body.note)
    add(
      c,
      item(c, {
        at: iso(Date.now()),
        kind: 'note',
        direction: '',
        author: { type: 'user', id: '1', name: 'Анна Ковалёва' },
        content: { text: String(body.note) },
      }),
    );
  touch(c);
  return c;
}

function targets(id: string): Target[] {
  const c = find(id);
  const inbox = channels.filter((ch) => ch.inbox_id === c.inbox_id);
  return inbox
    .map((ch, k) => ({
      channel_id: ch.id,
      chat_id: `${c.id}-${ch.id}`,
      kind: ch.kind,
      name: ch.name,
      to: ch.kind === 'whatsapp' ? '+7 903 555-12-12' : '@client',
      available: c.channel_kinds.includes(ch.kind),
      reason: c.channel_kinds.includes(ch.kind) ? undefined : 'not_started',
      template_only: ch.kind === 'whatsapp' && k % 2 === 1 && c.id !== '1000',
      window_until: ch.kind === 'whatsapp' ? iso(Date.now() + 23.68 * 3600_000) : undefined,
      default: ch.id === c.channel_id,
      last_at: c.last_at,
      capabilities: ch.capabilities,
    }))
    .sort((a, b) => Number(b.default) - Number(a.default));
}

function patchItem(id: string, patch: Partial<Item>): Item {
  const i = findItem(id);
  Object.assign(i, patch);
  publish({ type: 'item.updated', item: { ...i } });
  return i;
}

function upload({ raw, type }: Call) {
  const head = raw.subarray(0, 2000).toString('latin1');
  const name = Buffer.from(/filename="([^"]*)"/.exec(head)?.[1] ?? 'voice.ogg', 'latin1').toString('utf8');
  const mime = /Content-Type: ([^\r]+)/.exec(head)?.[1] ?? type;
  const kind = mime.startsWith('image/')
    ? 'image'
    : mime.startsWith('video/')
      ? 'video'
      : mime.startsWith('audio/')
        ? 'audio'
        : 'document';
  return addFile({
    kind,
    name,
    mime: kind === 'image' ? 'image/svg+xml' : mime,
    size: raw.length,
    ...(kind === 'image' ? { width: 800, height: 600 } : {}),
  });
}

const contact = (id: string) =>
  contacts.get(id) ??
  (() => {
    throw new Fail(404, 'contact.not_found');
  })();

const routes: [string, Handler][] = [
  ['GET /setup', () => ({ needed: false })],
  ['GET /me', () => ({ ...me, event_id: String(lastEvent) })],
  ['POST /auth/login', () => ({ ...me, event_id: String(lastEvent) })],
  ['PATCH /me/settings', ({ body }) => Object.assign(me.settings, body)],
  [
    'PATCH /me',
    ({ body }) => {
      Object.assign(me.user, body);
      return me;
    },
  ],
  ['PUT /me/presence', ({ body }) => Object.assign(me.user, body)],
  ['GET /users', () => all(users)],
  ['GET /teams', () => all(teams)],
  ['GET /roles', () => all(roles)],
  ['GET /permissions', () => all(permissions.map((key) => ({ key, group: key.split('.')[0] })))],
  ['GET /inboxes', () => all(inboxes)],
  ['GET /channels', () => all(channels)],
  ['GET /tags', () => all(tags)],
  ['GET /contact-fields', () => all(fields)],
  ['GET /canned-replies', () => all(canned)],
  ['GET /views', () => all(views)],
  [
    'POST /views',
    ({ body }) => {
      const v = { id: newId(), owner_id: '1', position: views.length + 1, ...body } as never;
      views.push(v);
      return v;
    },
  ],
  ['GET /channels/:/templates', () => all(templates)],
  [
    'GET /conversations/counts',
    () => ({
      mine: conversations.filter((c) => c.assignee_id === '1' && c.status === 'open').length,
      unassigned: conversations.filter((c) => !c.assignee_id && c.status === 'open').length,
      all: conversations.filter((c) => c.status === 'open').length,
      mentions: conversations.filter((c) => c.mentioned && c.status === 'open').length,
      unread: Math.min(7, conversations.filter((c) => c.unread).length),
      by_view: { 1: 12, 2: 31 },
    }),
  ],
  ['GET /conversations', listConversations],
  [
    'POST /conversations/bulk',
    ({ body }) => {
      for (const id of body.ids as string[]) patchConversation({ body: body.patch } as Call, id);
      return { done: (body.ids as string[]).length };
    },
  ],
  ['POST /conversations', ({ body }) => conversations.find((c) => c.contact.id === body.contact_id)],
  [
    'GET /conversations/:',
    (_, id) => {
      const c = find(id ?? '');
      const list = itemsOf(c.id);
      return {
        ...c,
        first_unread_id: c.unread ? list.filter((i) => i.direction === 'in').at(-c.unread)?.id : undefined,
      };
    },
  ],
  ['PATCH /conversations/:', (c, id) => patchConversation(c, id ?? '')],
  ['GET /conversations/:/items', (c, id) => page(c, id ?? '')],
  ['POST /conversations/:/messages', (c, id) => send(c, id ?? '')],
  [
    'POST /conversations/:/notes',
    ({ body }, id) => {
      const c = find(id ?? '');
      return add(
        c,
        item(c, {
          at: iso(Date.now()),
          kind: 'note',
          direction: '',
          author: { type: 'user', id: '1', name: 'Анна Ковалёва' },
          content: { text: body.text as string },
          client_id: body.client_id as string,
          mentions: body.mentions as string[],
        }),
      );
    },
  ],
  [
    'POST /conversations/:/read',
    (_, id) => {
      find(id ?? '').unread = 0;
    },
  ],
  [
    'POST /conversations/:/unread',
    (_, id) => {
      find(id ?? '').unread = 1;
    },
  ],
  ['POST /conversations/:/typing', () => undefined],
  [
    'GET /conversations/:/draft',
    (_, id) => drafts.get(id ?? '') ?? { text: '', note: false, file_ids: [], updated_at: iso(0) },
  ],
  [
    'PUT /conversations/:/draft',
    ({ body }, id) => {
      drafts.set(id ?? '', { ...(body as unknown as Draft), updated_at: iso(Date.now()) });
      find(id ?? '').has_draft = true;
      return drafts.get(id ?? '');
    },
  ],
  [
    'DELETE /conversations/:/draft',
    (_, id) => {
      drafts.delete(id ?? '');
      find(id ?? '').has_draft = false;
    },
  ],
  ['GET /conversations/:/targets', (_, id) => all(targets(id ?? ''))],
  [
    'GET /conversations/:/seen',
    (_, id) => ({ viewers: id === '1000' ? [{ user_id: '2', activity: 'viewing' }] : [] }),
  ],
  [
    'PATCH /items/:',
    ({ body }, id) =>
      patchItem(id ?? '', { content: body.content as Item['content'], edited_at: iso(Date.now()) }),
  ],
  ['DELETE /items/:', (_, id) => patchItem(id ?? '', { deleted_at: iso(Date.now()), deleted_by: 'user' })],
  [
    'PUT /items/:/reaction',
    ({ body }, id) =>
      patchItem(id ?? '', {
        reactions: [
          ...findItem(id ?? '').reactions.filter((r) => r.by !== 'user'),
          ...(body.emoji ? [{ emoji: body.emoji as string, by: 'user' as const, user_id: '1' }] : []),
        ],
      }),
  ],
  [
    'POST /items/:/retry',
    (_, id) => {
      setTimeout(() => patchItem(id ?? '', { state: 'sent' }), 900);
      return patchItem(id ?? '', { state: 'queued', reason: undefined });
    },
  ],
  [
    'POST /items/:/settle',
    ({ body }, id) => patchItem(id ?? '', { state: body.as as 'sent', reason: undefined }),
  ],
  ['POST /items/:/cancel', (_, id) => patchItem(id ?? '', { state: 'cancelled' })],
  [
    'GET /items/:/editions',
    (_, id) =>
      all([
        { at: iso(Date.now() - 86400_000), content: { text: 'Прежний текст' } },
        { at: iso(Date.now()), content: findItem(id ?? '').content },
      ]),
  ],
  ['POST /files', upload],
  [
    'POST /files/voice',
    ({ raw }) =>
      addFile({
        kind: 'voice',
        name: 'voice.ogg',
        mime: 'audio/wav',
        size: raw.length,
        duration: 4,
        peaks: Array.from({ length: 60 }, (_, k) => 40 + ((k * 37) % 180)),
      }),
  ],
  ['POST /files/:/refetch', (_, id) => files.get(id ?? '')],
  [
    'GET /contacts',
    ({ q }) =>
      all(
        [...contacts.values()]
          .filter((c) => c.name.toLowerCase().includes((q.get('q') ?? '').toLowerCase()))
          .slice(0, 50),
      ),
  ],
  ['GET /contacts/:', (_, id) => contact(id ?? '')],
  [
    'PATCH /contacts/:',
    ({ body }, id) => {
      const c = contact(id ?? '');
      Object.assign(c, body, { fields: { ...c.fields, ...(body.fields as object) } });
      publish({ type: 'contact.updated', contact: c });
      return c;
    },
  ],
  ['PUT /contacts/:/tags', ({ body }, id) => Object.assign(contact(id ?? ''), body)],
  [
    'GET /contacts/:/conversations',
    (_, id) => all(conversations.filter((c) => c.contact.id === id).concat(conversations.slice(7, 9))),
  ],
  [
    'GET /contacts/:/files',
    (_, id) =>
      all(
        [...items.values()]
          .flat()
          .filter((i) => i.contact_id === id)
          .flatMap((i) =>
            i.files.map((f) => ({ ...f, item_id: i.id, conversation_id: i.conversation_id, at: i.at })),
          ),
      ),
  ],
  [
    'POST /contacts/:/identities',
    ({ body }, id) => {
      const c = contact(id ?? '');
      c.identities.push({
        id: newId(),
        kind: body.kind as 'phone',
        value: body.value as string,
        display: body.value as string,
        verified: false,
        created_at: iso(Date.now()),
      });
      return c;
    },
  ],
  [
    'DELETE /contacts/:/identities/:',
    (_, id, iid) => {
      const c = contact(id ?? '');
      c.identities = c.identities.filter((x) => x.id !== iid);
    },
  ],
  [
    'GET /contacts/:/notes',
    (_, id) =>
      all(
        id === '500000'
          ? [
              {
                id: '1',
                text: 'Просила звонить после 18:00',
                author_id: '2',
                created_at: iso(Date.now() - 9e8),
              },
            ]
          : [],
      ),
  ],
  [
    'POST /contacts/:/notes',
    ({ body }) => ({ id: newId(), text: body.text, author_id: '1', created_at: iso(Date.now()) }),
  ],
  ['DELETE /contacts/:/notes/:', () => undefined],
  [
    'GET /contacts/:/suggestions',
    (_, id) =>
      all(
        id === '500000'
          ? [
              {
                id: '1',
                contact: conversations[12]?.contact,
                reason: 'same_phone',
                detail: '+7 903 555-12-12',
                score: 0.92,
              },
            ]
          : [],
      ),
  ],
  ['POST /contacts/:/suggestions/:/dismiss', () => undefined],
  ['POST /contacts/:/merge', (_, id) => contact(id ?? '')],
  [
    'GET /contacts/:/merges',
    (_, id) =>
      all(
        id === '500000'
          ? [
              {
                id: '1',
                winner_id: '500000',
                loser_id: '500009',
                loser_name: 'Мария С.',
                by_user_id: '3',
                at: iso(Date.now() - 5e8),
              },
            ]
          : [],
      ),
  ],
  ['POST /merges/:/undo', () => contact('500000')],
  ['GET /notifications', () => all([])],
  ['GET /search', () => all([])],
  ['GET /push/key', () => ({ key: '' })],
  ['GET /me/sessions', () => all([])],
  [
    'GET /events',
    ({ q }) => ({
      items: events.filter((e) => Number(e.id) > Number(q.get('after') ?? 0)),
      last: String(lastEvent),
      reset: false,
    }),
  ],
];

const compiled = [...adminRoutes, ...routes].map(([route, handler]) => {
  const [method, path] = route.split(' ') as [string, string];
  return { method, pattern: new RegExp(`^${path.replace(/:/g, '([^/]+)')}$`), handler };
});

async function readBody(req: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of req) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

export async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const url = new URL(req.url ?? '/', 'http://fake');
  const path = url.pathname.replace('/api/v1', '');
  const method = req.method ?? 'GET';
  if (method === 'GET' && /^\/files\/\d+\/(content|thumb)$/.test(path))
    return media(path.split('/')[2] ?? '', res);
  const raw = await readBody(req);
  const type = req.headers['content-type'] ?? '';
  const call: Call = {
    method,
    path,
    q: url.searchParams,
    raw,
    type,
    body: type.startsWith('application/json') && raw.length ? JSON.parse(raw.toString()) : {},
  };
  const json = (status: number, value: unknown, mime = 'application/json') => {
    res.writeHead(value === undefined ? 204 : status, { 'Content-Type': mime });
    res.end(value === undefined ? undefined : JSON.stringify(value));
  };
  for (const { method: m, pattern, handler } of compiled) {
    const found = m === method ? pattern.exec(path) : null;
    if (!found) continue;
    try {
      return json(method === 'POST' ? 201 : 200, handler(call, ...found.slice(1)));
    } catch (error) {
      if (!(error instanceof Fail) && !(error instanceof Refuse)) throw error;
      const problem: Problem = {
        type: 'about:blank',
        title: error.code,
        status: error.status,
        code: error.code,
        ...(error instanceof Refuse ? error.more : {}),
      };
      return json(error.status, problem, 'application/problem+json');
    }
  }
  json(
    404,
    { type: 'about:blank', title: 'not found', status: 404, code: 'not_found' },
    'application/problem+json',
  );
}
