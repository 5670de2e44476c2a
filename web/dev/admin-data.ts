import type {
  AuditEntry,
  ChannelKindInfo,
  Delivery,
  FormField,
  InboundFailure,
  Notification,
  Session,
  Token,
  Webhook,
} from '../src/api/types';
import { channels, users } from './company';
import { conversations, iso } from './talk';

// What the made-up company has set up: channels' forms, tokens, webhooks, the log.

export const ago = (minutes: number) => iso(Date.now() - minutes * 60_000);

for (const c of channels) {
  c.webhook_url = `https://okno.utro.example/hooks/${c.kind}/${c.id}`;
  if (c.kind !== 'webchat') continue;
  c.embed = '<script src="https://okno.utro.example/widget.js" data-key="wk_9f2a7c51" async></script>';
  c.settings = {
    sites: 'https://utro.example\nhttps://shop.utro.example',
    color: '#0f766e',
    title_ru: 'Кофейня «Утро»',
    proactive_ru: 'Подсказать с выбором?',
  };
}
Object.assign(channels[2]?.health ?? {}, {
  state: 'failing',
  reason: 'webhook_missing',
  detail: 'subscriptions: []',
  since: iso(Date.now() - 47 * 60_000),
  pending: 14,
});

const f = (name: string, type: FormField['type'], part: Partial<FormField> = {}): FormField => ({
  name,
  type,
  secret: false,
  required: false,
  advanced: false,
  ...part,
});
const advanced = { advanced: true };
const network = [
  f('api_url', 'url', { ...advanced, default: 'https://api.example' }),
  f('proxy_url', 'url', { ...advanced, secret: true }),
  f('ca_bundle', 'pem', advanced),
];
const choice = (name: string, def: string, options: string[]) => f(name, 'choice', { default: def, options });
const ask = ['no', 'optional', 'required'];

export const kinds: ChannelKindInfo[] = [
  {
    kind: 'telegram',
    fields: [
      f('token', 'text', { secret: true, required: true }),
      choice('mode', 'webhook', ['webhook', 'polling']),
      f('groups', 'bool', { default: 'false' }),
      f('username', 'text', advanced),
      f('max_connections', 'text', { ...advanced, default: '40' }),
      f('local_server', 'bool', { ...advanced, default: 'false' }),
      f('file_url', 'url', advanced),
      ...network,
    ],
  },
  {
    kind: 'whatsapp',
    fields: [
      f('phone_number_id', 'text', { required: true }),
      f('waba_id', 'text', { required: true }),
      f('token', 'text', { secret: true, required: true }),
      f('app_secret', 'text', { secret: true, required: true }),
      f('number', 'text'),
      f('verify_token', 'text', { ...advanced, secret: true }),
      f('per_second', 'text', { ...advanced, default: '80' }),
      ...network,
    ],
  },
  {
    kind: 'max',
    fields: [
      f('token', 'text', { secret: true, required: true }),
      choice('mode', 'webhook', ['webhook', 'polling']),
      f('groups', 'bool', { ...advanced, default: 'false' }),
      ...network,
    ],
  },
  {
    kind: 'webchat',
    fields: [
      f('sites', 'list'),
      f('title_ru', 'text'),
      f('title_en', 'text'),
      f('color', 'text', { default: '#2f5bea' }),
      choice('position', 'right', ['right', 'left']),
      choice('theme', 'auto', ['auto', 'light', 'dark']),
      choice('language', 'auto', ['auto', 'ru', 'en']),
      f('greeting_ru', 'text'),
      f('greeting_en', 'text'),
      f('proactive_ru', 'text'),
      f('proactive_en', 'text'),
      f('proactive_delay', 'text', { default: '15' }),
      choice('ask_name', 'no', ask),
      choice('ask_phone', 'no', ask),
      choice('ask_email', 'no', ask),
      f('offline_form', 'bool', { default: 'true' }),
      f('consent', 'bool', { default: 'false' }),
      f('consent_url', 'url'),
      f('files', 'bool', { default: 'true' }),
      f('voice', 'bool', { default: 'true' }),
      f('max_file_mb', 'text', { ...advanced, default: '25' }),
      f('identity_secret', 'text', { ...advanced, secret: true }),
    ],
  },
];

export const failures: InboundFailure[] = [
  {
    id: '1',
    channel_id: '1',
    received_at: ago(340),
    state: 'unsupported',
    error: 'poll_answer',
    raw: '{"update_id":900101,"poll_answer":{"poll_id":"55","user":{"id":501,"is_bot":false,"first_name":"Ирина"},"option_ids":[1]}}',
  },
];

export const tokens: Token[] = [
  { id: '1', name: '1С: Торговля', prefix: 'okno_7fk2', created_at: ago(90_000), last_used_at: ago(4) },
  { id: '2', name: 'Отчёты', prefix: 'okno_p0s1', created_at: ago(200_000), expires_at: ago(-80_000) },
];

export const webhooks: Webhook[] = [
  { id: '1', url: 'https://crm.utro.example/hooks/okno', events: [], enabled: true, created_at: ago(60_000) },
  {
    id: '2',
    url: 'https://script.utro.example/new-contact',
    events: ['contact.created', 'contact.updated'],
    enabled: true,
    created_at: ago(50_000),
    failing_since: ago(1600),
    paused_at: ago(160),
    paused_reason: 'connect: connection refused',
  },
];

export const deliveries: Delivery[] = Array.from({ length: 14 }, (_, i) => ({
  id: String(100 - i),
  event_id: String(5000 - i),
  event_type: ['item.created', 'conversation.updated', 'contact.created'][i % 3] as string,
  state: i === 0 ? 'pending' : i % 5 === 4 ? 'failed' : 'delivered',
  attempts: i % 5 === 4 ? 9 : 1,
  status: i === 0 ? undefined : i % 5 === 4 ? 502 : 200,
  error: i % 5 === 4 ? '502 Bad Gateway' : undefined,
  next_at: i === 0 ? ago(-3) : undefined,
  created_at: ago(7 * i + 1),
  request:
    '{"type":"item.created","timestamp":"2026-11-24T12:24:00Z","data":{"id":"77","kind":"message","text":"Оплатила, вот чек"}}',
  response: i === 0 ? undefined : '{"ok":true}',
  took_ms: i === 0 ? undefined : 40 + ((i * 37) % 190),
}));

export const audit: AuditEntry[] = Array.from({ length: 64 }, (_, i) => {
  const actions = [
    ['session.opened', '', {}],
    ['channel.updated', 'Telegram', { settings: ['mode'] }],
    ['user.invited', 'Тимур Сафин', { role: 'agent' }],
    ['contact.merged', 'Мария Соколова', { loser: 'Мария С.' }],
    ['role.updated', 'Супервизор', { added: ['contact.export'] }],
    ['inbox.updated', 'Поддержка', { hours: true }],
  ] as const;
  const [action, target, detail] = actions[i % actions.length] as (typeof actions)[number];
  return {
    id: String(700 - i),
    at: ago(i * i * 3 + 2),
    user_id: String((i % 3) + 1),
    user_name: users[i % 3]?.name ?? '',
    action,
    target_name: target || undefined,
    ip: '10.0.0.7',
    detail: { ...detail },
  };
});

export const notifications: Notification[] = [
  {
    id: '5',
    kind: 'mention',
    conversation_id: conversations[0]?.id,
    text: 'Анна, глянь, пожалуйста, что с возвратом',
    by_user_id: '2',
    at: ago(3),
  },
  {
    id: '4',
    kind: 'assigned',
    conversation_id: conversations[3]?.id,
    text: conversations[3]?.contact.name ?? '',
    by_user_id: '3',
    at: ago(26),
  },
  { id: '3', kind: 'channel_failing', text: 'MAX «Магазин»', at: ago(130) },
  {
    id: '2',
    kind: 'webhook_paused',
    text: 'https://script.utro.example/new-contact',
    at: ago(160),
    read_at: ago(150),
  },
];

export const sessions: Session[] = [
  {
    id: '1',
    current: true,
    ip: '10.0.0.7',
    user_agent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/143.0 Safari/537.36',
    created_at: ago(5000),
    last_seen_at: ago(0),
  },
  {
    id: '2',
    current: false,
    ip: '85.140.2.19',
    user_agent:
      'Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 Version/19.1 Mobile/15E148 Safari/604.1',
    created_at: ago(40_000),
    last_seen_at: ago(700),
  },
];
