import type { Channel, SearchHit } from '../src/api/types';
import {
  ago,
  audit,
  deliveries,
  failures,
  kinds,
  notifications,
  sessions,
  tokens,
  webhooks,
} from './admin-data';
import { canned, channels, fields, inboxes, me, roles, tags, teams, users, views } from './company';
import { contacts, conversations, files, items } from './talk';

// The made-up server's answers for log-in, settings, search and notifications.

interface Call {
  method: string;
  q: URLSearchParams;
  body: Record<string, unknown>;
  raw: Buffer;
}
type Route = [string, (c: Call, ...ids: string[]) => unknown];

export class Refuse extends Error {
  constructor(
    public status: number,
    public code: string,
    public more: object = {},
  ) {
    super(code);
  }
}

let ids = 9000;
const nextId = () => String(++ids);
const list = <T>(items: T[]) => ({ items });

type Row = { id: string };
type Make = (body: Record<string, unknown>) => object;

function crud(path: string, rows: Row[], make: Make = () => ({})): Route[] {
  const find = (id?: string) => {
    const row = rows.find((r) => r.id === id);
    if (!row) throw new Refuse(404, 'not_found');
    return row;
  };
  return [
    [`GET ${path}`, () => list(rows)],
    [
      `POST ${path}`,
      ({ body }) => {
        const row = { id: nextId(), ...body, ...make(body) };
        rows.push(row);
        return row;
      },
    ],
    [`PATCH ${path}/:`, ({ body }, id) => Object.assign(find(id), body)],
    [
      `DELETE ${path}/:`,
      (_, id) => {
        rows.splice(rows.indexOf(find(id)), 1);
      },
    ],
  ];
}

function snippet(text: string, q: string) {
  const at = text.toLowerCase().indexOf(q.toLowerCase());
  if (at < 0) return [{ text: text.slice(0, 120), hit: false }];
  const parts = [
    { text: text.slice(Math.max(0, at - 40), at), hit: false },
    { text: text.slice(at, at + q.length), hit: true },
    { text: text.slice(at + q.length, at + q.length + 80), hit: false },
  ];
  return parts.filter((p) => p.text);
}

function search({ q }: Call) {
  const words = q.get('q') ?? '';
  const kind = q.get('kind');
  const hits: SearchHit[] = [];
  if (words.length < 2) return list(hits);
  for (const c of contacts.values()) {
    if (!c.name.toLowerCase().includes(words.toLowerCase())) continue;
    hits.push({ kind: 'contact', contact: c, snippet: snippet(c.name, words), at: c.created_at });
  }
  for (const c of conversations) {
    for (const item of items.get(c.id) ?? []) {
      const file = item.files.find((x) => x.name.toLowerCase().includes(words.toLowerCase()));
      const text = item.content.text ?? '';
      if (file)
        hits.push({
          kind: 'file',
          item,
          conversation: c,
          contact: c.contact,
          snippet: snippet(file.name, words),
          at: item.at,
        });
      else if (text.toLowerCase().includes(words.toLowerCase()))
        hits.push({
          kind: item.kind === 'note' ? 'note' : 'message',
          item,
          conversation: c,
          contact: c.contact,
          snippet: snippet(text, words),
          at: item.at,
        });
    }
  }
  const found = hits
    .filter((h) => !kind || h.kind === kind)
    .filter((h) => !q.get('inbox_id') || h.conversation?.inbox_id === q.get('inbox_id'));
  const from = Number(q.get('cursor') ?? 0);
  const limit = Number(q.get('limit') ?? 50);
  return {
    items: found.slice(from, from + limit),
    next: found.length > from + limit ? String(from + limit) : undefined,
  };
}

const channel = (id?: string): Channel => {
  const found = channels.find((c) => c.id === id);
  if (!found) throw new Refuse(404, 'channel.not_found');
  return found;
};

function saveChannel(target: Channel, body: Record<string, unknown>): Channel {
  const settings = (body.settings ?? {}) as Record<string, string>;
  const info = kinds.find((k) => k.kind === target.kind);
  if (settings.token === 'bad') throw new Refuse(422, `channel.${target.kind}.bad_token`, { field: 'token' });
  for (const [name, value] of Object.entries(settings)) {
    if (info?.fields.find((x) => x.name === name)?.secret)
      target.secrets_set = [...new Set([...target.secrets_set, name])];
    else target.settings = { ...target.settings, [name]: value };
  }
  for (const key of ['name', 'inbox_id', 'enabled'] as const)
    if (body[key] !== undefined) Object.assign(target, { [key]: body[key] });
  if (body.enabled !== undefined)
    target.health = { ...target.health, state: body.enabled ? 'working' : 'disabled', reason: undefined };
  return { ...target };
}

function connect({ body }: Call): Channel {
  const made: Channel = {
    ...(channels.find((c) => c.kind === body.kind) ?? (channels[0] as Channel)),
    id: nextId(),
    kind: body.kind as Channel['kind'],
    settings: {},
    secrets_set: [],
    enabled: true,
    health: { state: 'working', since: ago(0), checked_at: ago(0), account: '@new_bot', pending: 0 },
    created_at: ago(0),
  };
  const saved = saveChannel(made, body);
  channels.push(saved);
  return saved;
}

let attempts = 0;
const authRoutes: Route[] = [
  ['GET /setup', () => ({ needed: false })],
  ['POST /setup', () => me],
  [
    'POST /auth/login',
    ({ body }) => {
      if (body.password === 'demo') return me;
      attempts += 1;
      if (attempts > 2) throw new Refuse(429, 'access.too_many_attempts', { retry_after: 95 });
      throw new Refuse(401, 'access.wrong_login');
    },
  ],
  ['POST /auth/logout', () => undefined],
  [
    'GET /auth/invites/:',
    (_, token) => {
      if (token === 'gone') throw new Refuse(404, 'access.invite_gone');
      return { email: 'timur@utro.example', name: 'Тимур Сафин', workspace_name: me.workspace.name };
    },
  ],
  ['POST /auth/invites/:', () => me],
  [
    'POST /me/password',
    ({ body }) => {
      if (body.current !== 'demo') throw new Refuse(422, 'access.wrong_login', { field: 'current' });
    },
  ],
  ['GET /me/sessions', () => list(sessions)],
  [
    'DELETE /me/sessions/:',
    (_, id) => {
      sessions.splice(
        sessions.findIndex((s) => s.id === id),
        1,
      );
    },
  ],
];

const invite = () => ({
  url: 'https://okno.utro.example/invite/3f9cXq2bTnTqkV1aZ0pL',
  expires_at: ago(-4320),
});

export const adminRoutes: Route[] = [
  ...authRoutes,
  [
    'POST /users',
    ({ body }) => {
      if (users.some((u) => u.email === body.email))
        throw new Refuse(409, 'user.email_taken', { field: 'email' });
      const user = {
        id: nextId(),
        role_name: '',
        presence: 'offline',
        disabled: false,
        invited: true,
        ...body,
      } as never;
      users.push(user);
      return { user, invite: invite() };
    },
  ],
  ['POST /users/:/invite', invite],
  [
    'POST /users/import',
    ({ raw }) => ({
      created: raw.toString().trim().split('\n').length - 2,
      errors: [{ line: 2, code: 'user.email_taken' }],
    }),
  ],
  ...crud('/users', users),
  ...crud('/teams', teams),
  ...crud('/roles', roles, () => ({ users: 0 })),
  ...crud('/inboxes', inboxes, () => ({ open_now: true, channels: 0, open: 0 })),
  ...crud('/tags', tags),
  ...crud('/contact-fields', fields),
  ...crud('/canned-replies', canned, (body) => ({
    files: ((body.file_ids ?? []) as string[]).map((id) => files.get(id)),
  })),
  ...crud('/views', views, () => ({ owner_id: '1' })),
  ...crud('/tokens', tokens, () => ({
    prefix: 'okno_9ab3',
    secret: 'okno_9ab3Kd81nQx2LzP0uWm7TtYc4VbRe6Hs',
    created_at: ago(0),
  })),
  ...crud('/webhooks', webhooks, () => ({
    enabled: true,
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    created_at: ago(0),
  })),
  ['POST /webhooks/:/test', () => undefined],
  [
    'POST /webhooks/:/resume',
    (_, id) =>
      Object.assign(webhooks.find((w) => w.id === id) ?? {}, {
        paused_at: undefined,
        failing_since: undefined,
      }),
  ],
  ['POST /webhooks/:/rotate', () => ({ secret: 'whsec_C2FVsBQIhrscChlQIMV9b5sSYspob7oD' })],
  ['GET /webhooks/:/deliveries', () => list(deliveries)],
  ['POST /webhooks/:/deliveries/:/replay', () => undefined],
  ['GET /workspace', () => me.workspace],
  ['PATCH /workspace', ({ body }) => Object.assign(me.workspace, body)],
  ['GET /channel-kinds', () => list(kinds)],
  ['POST /channels', connect],
  [
    'PATCH /channels/:',
    ({ body }, id) => {
      const next = saveChannel(channel(id), body);
      channels.splice(channels.indexOf(channel(id)), 1, next);
      return next;
    },
  ],
  [
    'DELETE /channels/:',
    (_, id) => {
      channels.splice(channels.indexOf(channel(id)), 1);
    },
  ],
  [
    'POST /channels/:/check',
    (_, id) => ({ ...channel(id), health: { ...channel(id).health, checked_at: ago(0) } }),
  ],
  [
    'GET /channels/:/link',
    ({ q }, id) => ({
      url: `https://t.me/utro_bot${q.get('payload') ? `?start=${q.get('payload')}` : ''}#${id}`.replace(
        /#.*/,
        '',
      ),
    }),
  ],
  ['GET /channels/:/failures', (_, id) => list(failures.filter((x) => x.channel_id === id))],
  ['POST /channels/:/failures/:/replay', () => undefined],
  [
    'GET /audit',
    ({ q }) => {
      const found = audit.filter(
        (e) =>
          (!q.get('user_id') || e.user_id === q.get('user_id')) && e.action.startsWith(q.get('action') ?? ''),
      );
      const from = Number(q.get('cursor') ?? 0);
      return {
        items: found.slice(from, from + 30),
        next: from + 30 < found.length ? String(from + 30) : undefined,
      };
    },
  ],
  ['GET /notifications', () => list(notifications)],
  [
    'POST /notifications/read',
    ({ body }) => {
      const which = body.ids as string[] | undefined;
      for (const n of notifications) if (!which || which.includes(n.id)) n.read_at = ago(0);
    },
  ],
  ['GET /search', search],
  ['GET /contacts/:/timeline', ({ q }, id) => timeline(q, id)],
  ['GET /contacts', ({ q }) => listContacts(q)],
  [
    'POST /contacts',
    ({ body }) => {
      const id = nextId();
      const made = {
        ...[...contacts.values()][0],
        fields: {},
        tag_ids: [],
        consents: [],
        conversations: 0,
        avatar_url: undefined,
        ...body,
        id,
        identities: ((body.identities ?? []) as { kind: string; value: string }[]).map((i) => ({
          ...i,
          id: nextId(),
          display: i.value,
          verified: false,
          created_at: ago(0),
        })),
        created_at: ago(0),
      } as never;
      contacts.set(id, made);
      return made;
    },
  ],
];

function timeline(q: URLSearchParams, id?: string) {
  const all = [...items.values()]
    .flat()
    .filter((i) => i.contact_id === id)
    .sort((a, b) => a.at.localeCompare(b.at));
  const before = q.get('before');
  const end = before ? all.findIndex((i) => i.id === before) : all.length;
  const from = Math.max(0, end - 50);
  return { items: all.slice(from, end), has_before: from > 0, has_after: false };
}

function listContacts(q: URLSearchParams) {
  const words = (q.get('q') ?? '').toLowerCase();
  const digits = words.replace(/\D/g, '').replace(/^8/, '7');
  const found = [...contacts.values()].filter((c) => {
    if (q.get('tag_id') && !c.tag_ids.includes(q.get('tag_id') as string)) return false;
    if (!words) return true;
    const own = c.identities.some(
      (i) =>
        i.value.toLowerCase().includes(words) ||
        (digits.length > 3 && i.value.replace(/\D/g, '').includes(digits)),
    );
    return own || `${c.name} ${c.company ?? ''}`.toLowerCase().includes(words);
  });
  const from = Number(q.get('cursor') ?? 0);
  const limit = Number(q.get('limit') ?? 50);
  return {
    items: found.slice(from, from + limit),
    next: from + limit < found.length ? String(from + limit) : undefined,
  };
}
