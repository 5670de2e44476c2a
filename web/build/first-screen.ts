import type { HtmlTagDescriptor, Plugin } from 'vite';
import { chunkOf, withImports } from './graph.ts';

/** Parts of the program that public/start.js asks for early, by the name under which it looks for them. */
const parts = {
  texts_ru: 'i18n/core.ru.ts',
  texts_en: 'i18n/core.en.ts',
  work: 'features/conversations/Workspace.tsx',
  conversation: 'features/conversations/ConversationPane.tsx',
};

const fonts = /\/inter-(cyrillic|latin)-wght-normal-[\w-]+\.woff2$/;

/** Writes into the page which files hold what the first screen needs: parts for start.js, and the fonts. */
export function firstScreen(): Plugin {
  return {
    name: 'okno-first-screen',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        if (!bundle) return html;
        const known = new Set(withImports(bundle, [chunkOf(bundle, 'main.tsx')]));
        const files = (source: string) =>
          withImports(bundle, [chunkOf(bundle, source)])
            .filter((c) => !known.has(c))
            .map((c) => `/${c.fileName}`)
            .join(' ');
        const data = Object.entries(parts).map(([name, source]) => ` data-${name}="${files(source)}"`);
        const tags: HtmlTagDescriptor[] = Object.keys(bundle)
          .filter((name) => fonts.test(`/${name}`))
          .map((name) => ({
            tag: 'link',
            attrs: { rel: 'preload', as: 'font', type: 'font/woff2', crossorigin: '', href: `/${name}` },
            injectTo: 'head',
          }));
        return { html: html.replace('<script src="/start.js"', (tag) => tag + data.join('')), tags };
      },
    },
  };
}
