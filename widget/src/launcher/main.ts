// The script that a site includes with one line:
//
//	<script src="https://okno.example/widget.js" data-channel="ID" async></script>
//
// Further attributes: data-lang ("ru", "en"); data-identity (a signed JWT), or
// data-user-id, data-user-exp and data-user-hash; data-launcher="off" hides
// the button for sites that open the chat with an element of their own
// carrying data-okno-open. Okno('open'), Okno('close'), Okno('toggle'),
// Okno('identify', {…}), Okno('logout') do the same by script.
import { dictionaries } from '../core/i18n-launcher';
import type { FromFrame, ToFrame } from '../core/messages';
import type { Config, Identity, Lang } from '../core/types';
import { createView, type View } from './view';

type Okno = ((command: string, value?: unknown) => void) & { q?: [string, unknown][] };
declare global {
  interface Window {
    Okno?: Okno | undefined;
  }
}

const longestPause = 60_000;
const keptPrefix = 'f.';

class Launcher {
  private readonly base: string;
  private readonly channel: string;
  private readonly lang: Lang;
  private view: View | undefined;
  private frame: HTMLIFrameElement | undefined;
  private opened = false;
  private ready = false;
  private spoken = false;
  private page = location.href;

  constructor(
    private readonly script: HTMLScriptElement,
    private readonly config: Config,
    private identity: Identity | undefined,
    lang: Lang,
  ) {
    this.base = new URL(script.src).origin;
    this.channel = script.dataset.channel ?? '';
    this.lang = config.language === 'auto' ? lang : config.language;
  }

  start(): void {
    this.view = createView(this.config, this.lang, this.script.nonce ?? '', { toggle: () => this.open(!this.opened), dismiss: () => this.dismiss() });
    if (this.script.dataset.launcher === 'off') this.view.button.hidden = true;
    window.addEventListener('message', (e: MessageEvent<FromFrame>) => {
      if (e.origin === this.base && this.frame && e.source === this.frame.contentWindow) this.heard(e.data);
    });
    document.addEventListener('click', (e) => {
      const target = e.target instanceof Element ? e.target.closest('[data-okno-open]') : null;
      if (!target) return;
      e.preventDefault();
      this.open(true);
    });
    document.addEventListener('keydown', (e) => {
      if (e.key === 'Escape' && this.opened) this.open(false);
    });
    for (const name of ['popstate', 'hashchange', 'focus']) window.addEventListener(name, () => this.moved());
    // Who has a conversation sees at once that there is an answer.
    if (this.recall('session') || this.identity) whenIdle(() => this.load());
    const p = this.config.proactive;
    if (p && this.config.open && !this.recall('hello')) {
      setTimeout(() => {
        if (!this.opened && !this.spoken && !this.recall('hello')) this.view?.card('', p.text[this.lang]);
      }, p.delay * 1000);
    }
  }

  command(name: string, value: unknown): void {
    switch (name) {
      case 'open':
        return this.open(true);
      case 'close':
        return this.open(false);
      case 'toggle':
        return this.open(!this.opened);
      case 'identify':
        this.identity = value as Identity;
        if (this.frame) this.tell({ okno: 'identity', identity: this.identity });
        else this.load();
        return;
      case 'logout':
        this.identity = undefined;
        if (this.frame) this.tell({ okno: 'identity' });
        return;
    }
  }

  private open(on: boolean): void {
    if (on === this.opened) return;
    this.opened = on;
    this.load();
    this.view?.card('', '');
    this.view?.open(on);
    this.tell({ okno: 'open', open: on, focus: on });
    if (on) this.frame?.focus();
    else this.view?.button.focus();
    if (on) this.remember('hello', '1');
  }

  private dismiss(): void {
    this.view?.card('', '');
    this.remember('hello', '1');
  }

  private load(): void {
    if (this.frame || !this.view) return;
    const frame = this.view.frame(`${this.base}/widget/${this.channel}/frame`);
    this.frame = frame;
    frame.onload = () => {
      this.ready = true;
      this.post({ okno: 'init', page: location.href, referrer: document.referrer, lang: this.lang, open: this.opened, identity: this.identity });
    };
  }

  private post(m: ToFrame): void {
    this.frame?.contentWindow?.postMessage(m, this.base);
  }

  /** Tells the frame, if it listens; before, its first message will say it. */
  private tell(m: ToFrame): void {
    if (this.ready) this.post(m);
  }

  private moved(): void {
    if (this.page === location.href) return;
    this.page = location.href;
    this.tell({ okno: 'page', page: this.page });
  }

  private heard(m: FromFrame): void {
    switch (m.okno) {
      case 'ready':
        if (this.opened) this.tell({ okno: 'open', open: true, focus: true });
        return;
      case 'unread':
        this.view?.unread(m.count);
        this.spoken ||= m.count > 0;
        this.view?.card(m.author, m.count && !this.opened ? m.text || dictionaries[this.lang].file : '');
        return;
      case 'session':
        this.remember('session', m.has ? '1' : '');
        return;
      case 'close':
        this.open(false);
        return;
      // The browser leaves the frame no storage of its own.
      case 'recall':
        this.tell({ okno: 'saved', saved: this.kept() });
        return;
      case 'keep':
        this.remember(keptPrefix + m.key, m.value);
    }
  }

  private kept(): Record<string, string> {
    const out: Record<string, string> = {};
    const prefix = this.key(keptPrefix);
    try {
      for (const [key, value] of Object.entries(localStorage)) if (key.startsWith(prefix)) out[key.slice(prefix.length)] = value;
    } catch {
      // Nor does it leave one to the page.
    }
    return out;
  }

  private key(name: string): string {
    return `okno.${this.channel}.${name}`;
  }

  private recall(name: string): string {
    try {
      return localStorage.getItem(this.key(name)) ?? '';
    } catch {
      return '';
    }
  }

  private remember(name: string, value: string | undefined): void {
    try {
      if (value) localStorage.setItem(this.key(name), value);
      else localStorage.removeItem(this.key(name));
    } catch {
      // The page has no storage: the next page asks anew.
    }
  }
}

function whenIdle(act: () => void): void {
  if (window.requestIdleCallback) window.requestIdleCallback(act, { timeout: 3000 });
  else setTimeout(act, 500);
}

function whenReady(act: () => void): void {
  if (document.body) act();
  else document.addEventListener('DOMContentLoaded', act);
}

function identityOf(d: DOMStringMap): Identity | undefined {
  if (d.identity) return { jwt: d.identity };
  if (d.userId && d.userHash) return { user_id: d.userId, exp: Number(d.userExp), hash: d.userHash };
  return undefined;
}

function languageOf(d: DOMStringMap): Lang {
  const wish = d.lang || document.documentElement.lang || navigator.language;
  return wish.toLowerCase().startsWith('ru') ? 'ru' : 'en';
}

async function fetchConfig(url: string): Promise<Config | undefined> {
  for (let pause = 2000; ; pause = Math.min(pause * 2, longestPause)) {
    try {
      const res = await fetch(url, { credentials: 'omit' });
      if (res.ok) return (await res.json()) as Config;
      if (res.status === 403) console.warn(`Okno: ${location.origin} is not among the sites of this widget.`);
      if (res.status < 429) return undefined;
    } catch {
      // No network yet.
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

async function main(script: HTMLScriptElement): Promise<void> {
  const early = window.Okno?.q ?? [];
  const base = new URL(script.src).origin;
  const okno: Okno = (command, value) => void early.push([command, value]);
  window.Okno = okno;
  const config = await fetchConfig(`${base}/widget/${script.dataset.channel}/config`);
  if (!config) return;
  whenReady(() => {
    const launcher = new Launcher(script, config, identityOf(script.dataset), languageOf(script.dataset));
    launcher.start();
    window.Okno = (command, value) => launcher.command(command, value);
    for (const [command, value] of early) launcher.command(command, value);
  });
}

const script = document.currentScript ?? document.querySelector('script[data-channel][src*="widget.js"]');
if (script instanceof HTMLScriptElement && script.dataset.channel && !document.querySelector('okno-widget')) void main(script);
