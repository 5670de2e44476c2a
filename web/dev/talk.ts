import type { Contact, Conversation, FileInfo, Item, ItemKind, Preview } from '../src/api/types';
import { channels, tags, users } from './company';
import { Random } from './random';

// Conversations and what was said in them.

const minute = 60_000;
export const iso = (ms: number) => new Date(ms).toISOString();

const first = [
  'Мария',
  'Игорь',
  'Ольга',
  'Дмитрий',
  'Елена',
  'Антон',
  'Светлана',
  'Рустам',
  'Наталья',
  'Сергей',
  'Алина',
  'Виктор',
  'Ксения',
  'Артём',
  'Юлия',
  'Михаил',
  'Гузель',
  'Полина',
  'Роман',
  'Вера',
];
const last = [
  'Соколова',
  'Петренко',
  'Луч',
  'Егоров',
  'Воронова',
  'Никитин',
  'Гущина',
  'Мухаметов',
  'Зайцева',
  'Орлов',
  'Ким',
  'Сидоров',
  'Лаптева',
  'Жуков',
  'Морозова',
  'Фомин',
  'Ахметова',
  'Титова',
  'Корнеев',
  'Блинова',
];
const asks = [
  'Здравствуйте! Подскажите, есть ли в наличии эфиопия иргачеффе в зёрнах?',
  'А доставка сегодня возможна?',
  'Спасибо большое!',
  'Можно счёт на юрлицо?',
  'Добрый день, машина течёт снизу, что делать?',
  'Пришлите, пожалуйста, прайс для опта от 50 кг',
  'Оплатила, вот чек',
  'А в белом цвете есть?',
  'Когда привезут? Курьер не звонил.',
  'Хочу вернуть капучинатор, не подошёл',
  'Ок, жду',
  'Сколько стоит обслуживание в год?',
  'Мне посоветовали вас друзья. Нужна кофемашина для офиса на 30 человек, чашек 120 в день, желательно с холодильником для молока. Что посоветуете?',
];
const answers = [
  'Добрый день! Да, есть, 1 250 ₽ за килограмм.',
  'Конечно, сейчас оформлю.',
  'Счёт во вложении, оплатить можно до пятницы.',
  'Курьер будет с 14 до 16, позвонит за час.',
  'Уточню на складе и вернусь через пять минут.',
  'Готово! Номер заказа 2291.',
  'Для офиса на 30 человек хорошо подойдёт модель с двумя жерновами: до 150 чашек в день, молоко хранит в своём холодильнике. Могу прислать сравнение трёх вариантов.',
  'Поняла, передаю мастеру.',
];

export const conversations: Conversation[] = [];
export const contacts = new Map<string, Contact>();
export const items = new Map<string, Item[]>();
export const files = new Map<string, FileInfo>();
let nextId = 100_000;
export const newId = () => String(++nextId);

export function addFile(f: Partial<FileInfo> & Pick<FileInfo, 'kind' | 'name' | 'mime' | 'size'>): FileInfo {
  const id = f.id ?? newId();
  const url = `/api/v1/files/${id}/content`;
  const full: FileInfo = {
    state: 'ready',
    url,
    download_url: `${url}?download=1`,
    thumb_url: f.kind === 'image' || f.kind === 'video' ? `/api/v1/files/${id}/thumb` : undefined,
    ...f,
    id,
  };
  files.set(id, full);
  return full;
}

const peaks = (seed: number, n = 90) => {
  const r = new Random(seed);
  return Array.from({ length: n }, (_, i) =>
    Math.round(30 + 200 * Math.abs(Math.sin(i / 5)) * (0.3 + 0.7 * r.next())),
  );
};

export function item(
  c: Pick<Conversation, 'id' | 'contact' | 'channel_id'>,
  part: Partial<Item> & { at: string },
): Item {
  const direction = part.direction ?? 'in';
  return {
    id: newId(),
    conversation_id: c.id,
    contact_id: c.contact.id,
    kind: 'message',
    channel_id: c.channel_id,
    author:
      direction === 'in'
        ? { type: 'contact', id: c.contact.id, name: c.contact.name }
        : { type: 'user', id: users[0]?.id, name: users[0]?.name ?? '' },
    content: {},
    files: [],
    reactions: [],
    state: direction === 'out' && (part.kind ?? 'message') === 'message' ? 'read' : undefined,
    ...part,
    direction,
  };
}

export function preview(i: Item | undefined): Preview {
  if (!i) return { kind: 'none', direction: '', text: '', at: iso(Date.now()) };
  const f = i.files[0];
  return {
    kind: i.kind,
    direction: i.direction,
    text:
      i.content.text ||
      f?.transcript ||
      (f?.kind === 'document' ? f.name : '') ||
      i.content.location?.title ||
      i.content.contacts?.[0]?.name ||
      '',
    attachment: f?.kind,
    duration: f?.duration,
    author_id: i.author.type === 'user' ? i.author.id : undefined,
    state: i.state,
    at: i.at,
  };
}

function ordinary(c: Conversation, r: Random, until: number): Item[] {
  const n = 4 + r.int(60);
  const out: Item[] = [];
  let at = until - n * (20 + r.int(400)) * minute;
  for (let k = 0; k < n; k++) {
    at = k === n - 1 ? until : Math.min(until, at + (2 + r.int(300)) * minute);
    const direction = (k === n - 1 && c.waiting_since) || r.chance(0.52) ? 'in' : 'out';
    const author = direction === 'out' ? r.pick(users) : undefined;
    const base: Partial<Item> & { at: string } = {
      at: iso(at),
      direction,
      content: { text: r.pick(direction === 'in' ? asks : answers) },
    };
    if (author) base.author = { type: 'user', id: author.id, name: author.name };
    if (r.chance(0.05))
      base.files = [
        addFile({
          kind: 'image',
          name: 'photo.jpg',
          mime: 'image/svg+xml',
          size: 240_000 + r.int(900_000),
          width: 800,
          height: r.chance(0.5) ? 600 : 1000,
        }),
      ];
    else if (r.chance(0.04))
      Object.assign(base, {
        content: {},
        files: [
          addFile({
            kind: 'voice',
            name: 'voice.ogg',
            mime: 'audio/wav',
            size: 40_000,
            duration: 4 + r.int(30),
            peaks: peaks(k),
            transcript: r.pick(asks),
          }),
        ],
      });
    out.push(item(c, base));
  }
  return out;
}

/** What was said in a conversation; made at the first look. */
export function itemsOf(id: string): Item[] {
  let list = items.get(id);
  if (!list) {
    const c = conversations.find((x) => x.id === id);
    if (!c) return [];
    list = ordinary(c, new Random(Number(id) * 7919), Date.parse(c.last_at));
    items.set(id, list);
  }
  return list;
}

function rich(c: Conversation): Item[] {
  const now = Date.now();
  const ago = (m: number) => iso(now - m * minute);
  const doc = addFile({ kind: 'document', name: 'schet_2291.pdf', mime: 'application/pdf', size: 86_200 });
  const pictures = [0, 1, 2].map((k) =>
    addFile({
      kind: 'image',
      name: `machine_${k}.jpg`,
      mime: 'image/svg+xml',
      size: 412_000,
      width: k === 1 ? 600 : 900,
      height: k === 1 ? 800 : 600,
    }),
  );
  const out: Item[] = [];
  for (let k = 60; k > 0; k--) {
    out.push(
      item(c, {
        at: ago(60 * 24 * 3 + k * 37),
        direction: k % 3 === 0 ? 'out' : 'in',
        content: { text: (k % 3 === 0 ? answers : asks)[k % 8] },
      }),
    );
  }
  const add = (p: Partial<Item> & { at: string }) => {
    const i = item(c, p);
    out.push(i);
    return i;
  };
  const me = { type: 'user' as const, id: '1', name: 'Анна Ковалёва' };
  const system = { type: 'system' as const, name: '' };
  add({
    at: ago(60 * 27),
    kind: 'event',
    direction: '',
    author: system,
    content: {},
    event: { type: 'conversation.assigned', user_id: '3', data: { assignee_id: '1' } },
  });
  add({
    at: ago(60 * 26),
    kind: 'call',
    direction: 'in',
    channel_id: undefined,
    content: {},
    author: { type: 'contact', name: c.contact.name },
  });
  add({
    at: ago(60 * 25 + 40),
    direction: 'in',
    content: {
      text: 'Вот адрес, куда везти',
      location: {
        latitude: 55.7601,
        longitude: 37.6189,
        title: 'Кофейня «Утро»',
        address: 'Москва, ул. Петровка, 5',
      },
    },
  });
  const ask = add({
    at: ago(60 * 25 + 30),
    direction: 'in',
    content: { text: 'Какая из этих лучше для офиса на 30 человек?' },
    files: pictures,
  });
  add({
    at: ago(60 * 25 + 20),
    direction: 'out',
    reply_to: {
      item_id: ask.id,
      author: c.contact.name,
      text: 'Какая из этих лучше для офиса на 30 человек?',
      kind: 'image',
    },
    content: {
      text: 'Советую вторую: два жернова, до 150 чашек в день и свой холодильник для молока. Подробности на utro.example/office',
      marks: [
        { type: 'bold', offset: 8, length: 6 },
        { type: 'link', offset: 97, length: 19, url: 'https://utro.example/office' },
      ],
    },
    reactions: [{ emoji: '👍', by: 'contact' }],
    author: me,
  });
  add({
    at: ago(60 * 25 + 10),
    direction: 'out',
    content: {
      text: 'Мария, здравствуйте! Счёт на кофемашину, как договорились.\nОплатить можно до четверга.',
    },
    files: [doc],
    author: me,
    edited_at: ago(60 * 25 + 8),
  });
  add({
    at: ago(60 * 25),
    direction: 'out',
    content: {
      text: 'Как удобнее получить?',
      buttons: [
        [
          { kind: 'callback', text: 'Самовывоз', payload: 'pickup' },
          { kind: 'callback', text: 'Доставка', payload: 'delivery' },
        ],
        [{ kind: 'url', text: 'Открыть карту', url: 'https://utro.example/map' }],
      ],
    },
    author: me,
  });
  add({
    at: ago(60 * 24 + 50),
    direction: 'in',
    content: { pressed: { kind: 'callback', text: 'Самовывоз', payload: 'pickup' } },
  });
  add({
    at: ago(60 * 24 + 45),
    direction: 'in',
    files: [
      addFile({
        kind: 'sticker',
        name: 's.webp',
        mime: 'image/svg+xml',
        size: 20_000,
        width: 512,
        height: 512,
        emoji: '☕',
      }),
    ],
    content: {},
  });
  add({
    at: ago(60 * 24 + 40),
    direction: 'in',
    content: { text: 'удалено' },
    deleted_at: ago(60 * 24 + 39),
    deleted_by: 'contact',
  });
  add({
    at: ago(60 * 24 + 35),
    direction: 'in',
    content: { forwarded: 'Логистика Юг', text: 'Машина будет на складе в среду к 12:00' },
  });
  add({
    at: ago(60 * 24 + 30),
    direction: 'in',
    content: { contacts: [{ name: 'Пётр, водитель', phones: ['+79035551212'] }] },
  });
  add({ at: ago(60 * 24 + 20), direction: 'in', content: { unsupported: 'poll' } });
  add({
    at: ago(220),
    kind: 'event',
    direction: '',
    author: { type: 'contact', name: c.contact.name },
    content: {},
    event: { type: 'contact.started', data: { payload: 'catalog' } },
  });
  add({
    at: ago(210),
    direction: 'in',
    channel_id: '2',
    content: { text: 'Оплатила, вот чек 🧾' },
    files: [addFile({ kind: 'document', name: 'chek.pdf', mime: 'application/pdf', size: 34_000 })],
  });
  add({
    at: ago(200),
    direction: 'out',
    content: { text: 'Получили, спасибо! Напомню завтра.' },
    state: 'failed',
    reason: 'rate_limited',
    detail: 'Too Many Requests: retry after 14',
    author: me,
  });
  add({
    at: ago(190),
    direction: 'out',
    channel_id: '3',
    content: { text: 'Продублировала в MAX' },
    state: 'uncertain',
    reason: 'no_answer',
    author: me,
  });
  add({
    at: ago(60),
    direction: 'out',
    content: { text: 'Завтра в 10:00 машина будет готова' },
    state: 'scheduled',
    scheduled_at: iso(now + 600 * minute),
    author: me,
  });
  add({
    at: ago(8),
    direction: 'in',
    files: [
      addFile({
        kind: 'voice',
        name: 'voice.ogg',
        mime: 'audio/wav',
        size: 48_000,
        duration: 14,
        peaks: peaks(3),
        transcript: 'Анна, добрый день, оплату провела. Скажите, можно забрать сегодня после шести?',
      }),
    ],
    content: {},
  });
  add({
    at: ago(6),
    kind: 'note',
    direction: '',
    content: {
      text: '@Анна Ковалёва отложил до 20:00, пропуск на Соколову заказан',
      marks: [{ type: 'mention', offset: 0, length: 14 }],
    },
    author: { type: 'user', id: '2', name: 'Павел Громов' },
    mentions: ['1'],
  });
  add({ at: ago(4), direction: 'in', content: { text: 'И ещё вопрос: фильтры к ней есть в наличии?' } });
  return out;
}

export function build(size: number): void {
  const r = new Random(42);
  const now = Date.now();
  let at = now - 4 * minute;
  for (let k = 0; k < size; k++) {
    const id = String(1000 + k);
    const female = r.chance(0.5);
    const name =
      k === 0
        ? 'Мария Соколова'
        : k === 2
          ? 'ООО «Луч», Ольга'
          : k === 4
            ? 'Посетитель сайта · Казань'
            : `${r.pick(first.filter((n) => /[аяь]$/.test(n) === female))} ${r.pick(last.filter((n) => /а$/.test(n) === female))}`;
    const ch = channels[k === 0 ? 0 : r.int(channels.length)] ?? channels[0];
    const tagIds = tags.filter(() => r.chance(0.15)).map((t) => t.id);
    const contact = {
      id: String(500_000 + k),
      name,
      color: r.int(12),
      company: r.chance(0.2) ? 'ООО «Луч»' : undefined,
    };
    const waits = k === 0 || (k < size * 0.3 && r.chance(0.45));
    const c: Conversation = {
      id,
      inbox_id: ch?.inbox_id ?? '1',
      contact,
      status: k < Math.max(40, size * 0.4) ? 'open' : r.chance(0.06) ? 'snoozed' : 'resolved',
      assignee_id: k === 0 || r.chance(0.3) ? '1' : r.chance(0.5) ? r.pick(users).id : undefined,
      waiting_since: waits ? iso(at) : undefined,
      channel_id: ch?.id,
      channel_kinds: k === 0 ? ['telegram', 'whatsapp', 'max'] : [ch?.kind ?? 'telegram'],
      preview: {
        kind: 'message',
        direction: waits || r.chance(0.4) ? 'in' : 'out',
        text: '',
        at: iso(at),
        author_id: '1',
        state: r.chance(0.08) ? 'failed' : 'read',
      },
      unread: waits ? 1 + r.int(4) : 0,
      mentioned: r.chance(0.02),
      has_draft: r.chance(0.03),
      group: false,
      tag_ids: tagIds,
      created_at: iso(at - 90 * 24 * 60 * minute),
      last_at: iso(at),
    };
    c.preview.text = r.pick(c.preview.direction === 'in' ? asks : answers);
    if (k === 1) c.preview = { kind: 'call', direction: 'in', text: '', at: c.last_at, duration: 38 };
    if (k === 3)
      c.preview = {
        kind: 'message',
        direction: 'in',
        attachment: 'voice',
        duration: 14,
        text: 'Можно забрать сегодня после шести?',
        at: c.last_at,
      };
    if (k === 5)
      c.preview = {
        kind: 'message',
        direction: 'in',
        attachment: 'document',
        text: 'akt_sverki.pdf',
        at: c.last_at,
      };
    if (k === 6)
      c.preview = { kind: 'message', direction: 'in', attachment: 'image', text: '', at: c.last_at };
    conversations.push(c);
    contacts.set(contact.id, {
      ...contact,
      source: r.pick(['Сайт, каталог', 'Telegram', 'Рекомендация']),
      fields: { city: r.pick(['Москва', 'Казань', 'Тверь']), segment: r.pick(['Розница', 'Опт']) },
      identities: [
        {
          id: `${contact.id}1`,
          kind: 'phone',
          value: `+7903${1_000_000 + k}`,
          display: `+7 903 ${100 + (k % 900)}-12-12`,
          verified: true,
          created_at: c.created_at,
        },
        {
          id: `${contact.id}2`,
          kind: ch?.kind ?? 'telegram',
          value: `user${k}`,
          display: ch?.kind === 'telegram' ? `@client_${k}` : name,
          verified: true,
          created_at: c.created_at,
        },
      ],
      tag_ids: tagIds,
      blocked: false,
      conversations: 1 + r.int(5),
      created_at: c.created_at,
      last_seen_at: c.last_at,
      consents: [{ purpose: 'messages', given_at: c.created_at, source: 'site' }],
    });
    at -= (1 + r.int(k < 30 ? 20 : 120)) * minute * (size > 5000 ? 0.05 : 1);
  }
  const head = conversations[0];
  if (head) {
    const list = rich(head);
    items.set(head.id, list);
    head.preview = preview(list[list.length - 1]);
    head.unread = 2;
  }
}

export const kinds: ItemKind[] = ['message', 'note', 'event', 'call', 'voicemail'];
