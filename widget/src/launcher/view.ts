// The launcher's elements. Everything is made by script and styled through
// the object model: no inline style, no markup from strings, so that the
// strictest policy of a page has nothing to refuse.
import { fill, textOn } from '../core/format';
import { dictionaries } from '../core/i18n-launcher';
import type { Config, Lang } from '../core/types';
import { css } from './style';

const icons = {
  c: 'M20.5 11.5a8 8 0 0 1-8.3 7.7 9 9 0 0 1-3-.5L4 20l1.2-4.1a7.4 7.4 0 0 1-1.2-4.4 8 8 0 0 1 8.2-7.7 8 8 0 0 1 8.3 7.7M8.5 11.5v.01M12.2 11.5v.01M16 11.5v.01',
  x: 'M6 9l6 6 6-6',
  no: 'M7 7l10 10M17 7L7 17',
};

function icon(name: keyof typeof icons, size: number): SVGElement {
  const ns = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(ns, 'svg');
  const path = document.createElementNS(ns, 'path');
  for (const [k, v] of Object.entries({ viewBox: '0 0 24 24', width: size, height: size, class: name, 'aria-hidden': 'true' })) svg.setAttribute(k, String(v));
  path.setAttribute('d', icons[name]);
  svg.append(path);
  return svg;
}

function el<K extends keyof HTMLElementTagNameMap>(tag: K, className: string, ...inside: (Node | string)[]): HTMLElementTagNameMap[K] {
  const e = document.createElement(tag);
  e.className = className;
  e.append(...inside);
  return e;
}

export interface View {
  readonly button: HTMLButtonElement;
  frame(src: string): HTMLIFrameElement;
  open(on: boolean): void;
  unread(count: number): void;
  /** Shows a card above the launcher; an empty text hides it. */
  card(author: string, text: string): void;
  remove(): void;
}

export function createView(config: Config, lang: Lang, nonce: string, act: { toggle(): void; dismiss(): void }): View {
  const t = dictionaries[lang];
  const host = document.createElement('okno-widget');
  const shadow = host.attachShadow({ mode: 'open' });
  dress(shadow, nonce);

  const color = fill(config.color);
  host.style.setProperty('--c', color);
  host.style.setProperty('--t', textOn(config.color));
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const theme = () => host.classList.toggle('dark', config.theme === 'dark' || (config.theme === 'auto' && dark.matches));
  theme();
  dark.addEventListener('change', theme);

  const badge = el('span', 'n');
  const button = el('button', 'btn', icon('c', 28), icon('x', 28), badge);
  button.type = 'button';
  const author = el('b', '');
  const text = el('span', '');
  const say = el('button', 'say', author, text);
  say.type = 'button';
  const no = el('button', 'no', icon('no', 14));
  no.type = 'button';
  no.setAttribute('aria-label', t.dismiss);
  const card = el('div', 'card', say, no);
  card.hidden = true;
  card.setAttribute('role', 'status');
  const panel = el('div', 'panel');
  const root = el('div', `root ${config.position}`, panel, card, button);
  root.lang = lang;
  shadow.append(root);
  document.body.append(host);

  button.onclick = say.onclick = act.toggle;
  no.onclick = act.dismiss;
  let count = 0;
  let on = false;
  let overflow = '';
  const label = () => {
    const words = on ? t.close : t.open;
    button.setAttribute('aria-label', count && !on ? `${words}, ${t.unread.replace('{n}', String(count))}` : words);
    button.setAttribute('aria-expanded', String(on));
  };
  label();
  return {
    button,
    frame(src) {
      const f = document.createElement('iframe');
      f.title = t.chat;
      f.allow = 'microphone; autoplay; clipboard-write';
      f.src = src;
      panel.append(f);
      return f;
    },
    open(now) {
      if (now === on) return;
      on = now;
      root.classList.toggle('on', on);
      // A phone's whole screen is ours: the page behind must not scroll.
      const html = document.documentElement.style;
      if (on && matchMedia('(max-width: 480px)').matches) {
        overflow = html.overflow;
        html.overflow = 'hidden';
      } else if (!on) html.overflow = overflow;
      label();
    },
    unread(n) {
      count = n;
      badge.textContent = n > 99 ? '99+' : n ? String(n) : '';
      label();
    },
    card(name, words) {
      author.textContent = name;
      author.hidden = !name;
      text.textContent = words;
      card.hidden = !words;
    },
    remove: () => host.remove(),
  };
}

function dress(shadow: ShadowRoot, nonce: string): void {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    shadow.adoptedStyleSheets = [sheet];
  } catch {
    const style = document.createElement('style'); // Safari below 16.4
    style.nonce = nonce;
    style.textContent = css;
    shadow.append(style);
  }
}
