// The page inside the frame.
import { Api } from '../core/api';
import { fill, readable, textOn } from '../core/format';
import type { FromFrame, ToFrame } from '../core/messages';
import { keptStore, ownStore, type Store } from '../core/store';
import type { Config, Lang } from '../core/types';
import { Chat } from './chat';

const channel = location.pathname.split('/')[2] ?? '';
let page = ''; // origin of the page around us, once it introduced itself

function tell(m: FromFrame): void {
  if (page) window.parent.postMessage(m, page);
}

function dress(config: Config, lang: Lang): void {
  const root = document.documentElement;
  root.lang = lang;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const apply = () => {
    const theme = config.theme === 'auto' ? (dark.matches ? 'dark' : 'light') : config.theme;
    root.dataset.theme = theme;
    const brand = fill(config.color);
    root.style.setProperty('--brand', brand);
    root.style.setProperty('--on-brand', textOn(config.color));
    root.style.setProperty('--mark', textOn(config.color) === '#ffffff' ? '#000' : '#fff');
    root.style.setProperty('--brand-text', readable(config.color, theme === 'dark' ? '#1b1f27' : '#ffffff'));
  };
  apply();
  dark.addEventListener('change', apply);
}

async function load(): Promise<Config> {
  const api = new Api(`/widget/${channel}`, () => undefined);
  for (let pause = 1000; ; pause = Math.min(pause * 2, 30_000)) {
    try {
      return await api.config();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

let saved: (values: Record<string, string>) => void = () => {};
const recallFor = 2000;

/** Our own storage, or else the page's, or else none. */
async function openStore(): Promise<Store> {
  const own = ownStore(`okno.${channel}.`);
  if (own) return own;
  const values = await new Promise<Record<string, string>>((resolve) => {
    saved = resolve;
    tell({ okno: 'recall' });
    setTimeout(() => resolve({}), recallFor);
  });
  return keptStore(values, (key, value) => tell({ okno: 'keep', key, value }));
}

async function begin(hello: Extract<ToFrame, { okno: 'init' }>): Promise<Chat> {
  const [config, store] = await Promise.all([load(), openStore()]);
  const lang = config.language === 'auto' ? hello.lang : config.language;
  dress(config, lang);
  const chat = new Chat(channel, config, lang, store, {
    unread: (count, author, text) => tell({ okno: 'unread', count, author, text }),
    session: (has) => tell({ okno: 'session', has }),
    close: () => tell({ okno: 'close' }),
  });
  chat.start({ site: page, page: hello.page, referrer: hello.referrer }, hello.identity);
  document.addEventListener('keydown', (e) => {
    if (e.key === 'Escape') chat.closeFrame();
  });
  return chat;
}

let drawn: Promise<void> | undefined;

function style(): Promise<void> {
  return new Promise((resolve) => {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = document.documentElement.dataset.css ?? '';
    link.onload = link.onerror = () => resolve();
    document.head.append(link);
  });
}

/** Fetches what is needed to be seen, once. */
async function draw(chat: Promise<Chat>): Promise<void> {
  const [{ show }, c] = await Promise.all([import('./app'), chat, style()]);
  const app = document.getElementById('app');
  if (app) show(c, app);
}

function opened(c: Chat, m: { open: boolean; focus?: boolean }): void {
  c.setOpen(m.open);
  if (!m.open) return;
  drawn ??= draw(Promise.resolve(c));
  void drawn.then(() => {
    if (m.focus) document.getElementById('composer')?.focus();
  });
}

let chat: Promise<Chat> | undefined;

window.addEventListener('message', (e: MessageEvent<ToFrame>) => {
  if (e.source !== window.parent || window.parent === window || typeof e.data?.okno !== 'string') return;
  const m = e.data;
  if (m.okno === 'init') {
    page = e.origin;
    chat ??= begin(m);
    if (m.open) drawn ??= draw(chat);
    void chat.then((c) => {
      tell({ okno: 'ready' });
      opened(c, m);
    });
    return;
  }
  if (e.origin !== page) return;
  if (m.okno === 'saved') {
    saved(m.saved);
    return;
  }
  void chat?.then((c) => {
    switch (m.okno) {
      case 'open':
        opened(c, m);
        break;
      case 'page':
        c.moved({ site: page, page: m.page, referrer: '' });
        break;
      case 'identity':
        void c.identify(m.identity);
        break;
    }
  });
});
