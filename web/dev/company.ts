import type {
  CannedReply,
  Capabilities,
  Channel,
  ChannelKind,
  ContactField,
  Hours,
  Inbox,
  Me,
  Role,
  Tag,
  Team,
  TemplateInfo,
  User,
  View,
} from '../src/api/types';

// The made-up company: people, departments, channels.

const iso = (minutesAgo: number) => new Date(Date.now() - minutesAgo * 60_000).toISOString();

const person = (
  id: string,
  name: string,
  email: string,
  role: 'admin' | 'supervisor' | 'agent',
  presence: User['presence'],
): User => ({
  id,
  name,
  email,
  role_id: role,
  role_name: role,
  presence,
  team_ids: ['1'],
  disabled: false,
  locale: 'ru',
  capacity: 0,
  last_seen_at: iso(2),
});

export const users: User[] = [
  person('1', 'Анна Ковалёва', 'anna@utro.example', 'admin', 'online'),
  person('2', 'Павел Громов', 'pavel@utro.example', 'agent', 'online'),
  person('3', 'Ирина Белова', 'irina@utro.example', 'supervisor', 'away'),
  person('4', 'Тимур Сафин', 'timur@utro.example', 'agent', 'offline'),
  person('5', 'Ольга Дёмина', 'olga@utro.example', 'agent', 'online'),
];

export const permissions = [
  'conversation.view_all',
  'conversation.reply',
  'conversation.assign',
  'conversation.delete_message',
  'contact.edit',
  'contact.merge',
  'contact.export',
  'item.editions',
  'channel.manage',
  'inbox.manage',
  'user.manage',
  'role.manage',
  'team.manage',
  'canned.manage',
  'tag.manage',
  'field.manage',
  'webhook.manage',
  'token.manage',
  'audit.view',
  'workspace.manage',
  'view.share',
];

export const roles: Role[] = (['admin', 'supervisor', 'agent'] as const).map((key) => ({
  id: key,
  key,
  name: key,
  permissions: key === 'agent' ? permissions.slice(0, 7) : permissions,
  users: users.filter((u) => u.role_id === key).length,
}));

export const teams: Team[] = [
  { id: '1', name: 'Продажи', user_ids: ['1', '2', '3'] },
  { id: '2', name: 'Поддержка', user_ids: ['4', '5'] },
];

const hours: Hours = {
  timezone: 'Europe/Moscow',
  always: false,
  week: [1, 2, 3, 4, 5].map((day) => ({ day, from: '09:00', to: '20:00' })),
  holidays: [],
};

export const inboxes: Inbox[] = [
  {
    id: '1',
    name: 'Продажи',
    color: '#2f5bea',
    team_ids: ['1'],
    hours,
    open_now: true,
    routing: { mode: 'manual', capacity: 0, only_online: true },
    reopen_hours: 72,
    greeting: '',
    away_message: '',
    channels: 4,
    open: 120,
  },
  {
    id: '2',
    name: 'Поддержка',
    color: '#0f766e',
    team_ids: ['2'],
    hours,
    open_now: true,
    routing: { mode: 'round_robin', capacity: 20, only_online: true },
    reopen_hours: 24,
    greeting: '',
    away_message: '',
    channels: 2,
    open: 44,
  },
];

const MB = 1024 * 1024;

function capabilities(kind: ChannelKind): Capabilities {
  const all: Capabilities = {
    text: 4096,
    caption: 1024,
    marks: ['bold', 'italic', 'underline', 'strike', 'code', 'pre', 'quote', 'link', 'spoiler'],
    attachments: {
      image: { max_bytes: 10 * MB },
      video: { max_bytes: 50 * MB },
      audio: { max_bytes: 50 * MB },
      voice: { max_bytes: 50 * MB },
      document: { max_bytes: 50 * MB },
      sticker: { max_bytes: MB },
      animation: { max_bytes: 50 * MB },
    },
    album: 10,
    album_kinds: ['image', 'video'],
    location: true,
    contact: true,
    reply: true,
    edit: true,
    delete: true,
    react: true,
    reactions: ['👍', '❤', '🔥', '🎉', '👏', '😁', '🤔', '😢'],
    typing: true,
    mark_read: true,
    delivered: false,
    read: true,
    buttons: { max: 8, text: 40, payload: 64, kinds: ['callback', 'url', 'request_phone'] },
    template: false,
    start_first: false,
  };
  if (kind === 'whatsapp') {
    return {
      ...all,
      marks: ['bold', 'italic', 'strike', 'code'],
      delivered: true,
      edit: false,
      delete: false,
      reactions: undefined,
      template: true,
      window: 86400,
      attachments: {
        image: { max_bytes: 5 * MB },
        video: { max_bytes: 16 * MB },
        audio: { max_bytes: 16 * MB },
        voice: { max_bytes: 16 * MB },
        document: { max_bytes: 100 * MB },
      },
      album: 1,
      album_kinds: [],
      buttons: { max: 3, text: 20, payload: 256, kinds: ['callback'] },
    };
  }
  if (kind === 'max')
    return {
      ...all,
      marks: ['bold', 'italic', 'underline', 'strike', 'code', 'link'],
      text: 4000,
      react: false,
    };
  if (kind === 'webchat')
    return {
      ...all,
      delivered: true,
      buttons: { ...all.buttons, kinds: ['callback', 'url'] },
      reactions: undefined,
    };
  return all;
}

const channel = (
  id: string,
  kind: ChannelKind,
  name: string,
  inbox_id: string,
  state: Channel['health']['state'] = 'working',
): Channel => ({
  id,
  kind,
  name,
  inbox_id,
  enabled: true,
  health: {
    state,
    since: iso(60 * 24 * 9),
    checked_at: iso(1),
    account: name,
    reason: state === 'failing' ? 'webhook_failing' : undefined,
    last_inbound_at: iso(3),
  },
  capabilities: capabilities(kind),
  settings: {},
  secrets_set: ['token'],
  created_at: iso(60 * 24 * 90),
});

export const channels: Channel[] = [
  channel('1', 'telegram', 'Утро · заказы', '1'),
  channel('2', 'whatsapp', '+7 495 111-22-33', '1'),
  channel('3', 'max', 'Кофейня «Утро»', '1'),
  channel('4', 'webchat', 'utro.example', '1'),
  channel('5', 'telegram', 'Утро · поддержка', '2'),
  channel('6', 'webchat', 'help.utro.example', '2', 'failing'),
];

export const tags: Tag[] = [
  { id: '1', name: 'опт', color: '#2f5bea' },
  { id: '2', name: 'VIP', color: '#b45309' },
  { id: '3', name: 'самовывоз', color: '#0f766e' },
  { id: '4', name: 'рекламация', color: '#c62f2f' },
  { id: '5', name: 'партнёр', color: '#7c3aed' },
];

export const fields: ContactField[] = [
  { id: '1', key: 'city', label: 'Город', type: 'text', options: [], position: 1 },
  {
    id: '2',
    key: 'segment',
    label: 'Сегмент',
    type: 'choice',
    options: ['Розница', 'Опт', 'HoReCa'],
    position: 2,
  },
  { id: '3', key: 'contract', label: 'Договор до', type: 'date', options: [], position: 3 },
  { id: '4', key: 'vip', label: 'Важный клиент', type: 'bool', options: [], position: 4 },
];

export const canned: CannedReply[] = [
  {
    id: '1',
    shortcut: 'привет',
    title: 'Приветствие',
    text: 'Здравствуйте, {{contact.first_name}}! Меня зовут {{agent.name}}, чем могу помочь?',
    file_ids: [],
    files: [],
  },
  {
    id: '2',
    shortcut: 'доставка',
    title: 'Сроки доставки',
    text: 'Доставляем по Москве в день заказа, по России за 2–5 дней. Стоимость от 290 ₽, от 5 000 ₽ бесплатно.',
    file_ids: [],
    files: [],
  },
  {
    id: '3',
    shortcut: 'реквизиты',
    title: 'Реквизиты для оплаты',
    text: 'ООО «Утро», ИНН 7701234567, р/с 40702810900000012345.',
    file_ids: [],
    files: [],
  },
  {
    id: '4',
    shortcut: 'спасибо',
    title: 'Спасибо за заказ',
    text: 'Спасибо за заказ, {{contact.first_name}}! Хорошего дня ☕',
    file_ids: [],
    files: [],
  },
];

export const views: View[] = [
  {
    id: '1',
    name: 'Ждут дольше всех',
    shared: true,
    owner_id: '1',
    filter: { scope: 'all', waiting: true, sort: 'waiting' },
    position: 1,
  },
  {
    id: '2',
    name: 'Оптовики',
    shared: false,
    owner_id: '1',
    filter: { scope: 'all', tag_id: '1' },
    position: 2,
  },
];

export const templates: TemplateInfo[] = [
  {
    name: 'order_ready',
    language: 'ru',
    category: 'UTILITY',
    status: 'APPROVED',
    header: 'Заказ готов',
    body: 'Здравствуйте, {{1}}! Ваш заказ {{2}} готов, ждём вас до {{3}}.',
    footer: 'Кофейня «Утро»',
    variables: [
      { key: '1', example: 'Мария' },
      { key: '2', example: '№ 2291' },
      { key: '3', example: '20:00' },
    ],
    buttons: [{ kind: 'callback', text: 'Уже еду' }],
  },
  {
    name: 'feedback',
    language: 'ru',
    category: 'MARKETING',
    status: 'APPROVED',
    body: 'Как вам кофемашина? Напишите нам, если есть вопросы.',
    variables: [],
    buttons: [],
  },
];

export const me: Me = {
  user: users[0] as User,
  workspace: {
    id: '1',
    name: 'Кофейня «Утро»',
    locale: 'ru',
    timezone: 'Europe/Moscow',
    country: 'RU',
    base_url: 'http://localhost:5173',
    demo: true,
  },
  permissions,
  settings: { send_by: 'enter', theme: 'system', sound: true, desktop: false, push: false },
  version: '0.1.0',
  event_id: '0',
};
