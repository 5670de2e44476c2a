import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';
import { chunkOf, withImports } from './graph.ts';

interface Way {
  name: string;
  /** Sources whose chunks are loaded before this way's first screen is complete, live updates included. */
  sources: string[];
  /** KB (1000 bytes) of JavaScript, each file after gzip. */
  limit: number;
}

const always = ['main.tsx', 'i18n/core.ru.ts', 'api/live/socket.ts'];

const ways: Way[] = [
  { name: 'the list', sources: [...always, 'features/conversations/Workspace.tsx'], limit: 265 },
  {
    name: 'a link to a conversation',
    sources: [
      ...always,
      'features/conversations/Workspace.tsx',
      'features/conversations/ConversationPane.tsx',
      'features/contact/ContactPane.tsx',
    ],
    limit: 300,
  },
];

/** Fails a build whose first screens need more JavaScript than people are to wait for. */
export function budget(): Plugin {
  return {
    name: 'okno-budget',
    apply: 'build',
    generateBundle(_, bundle) {
      for (const { name, sources, limit } of ways) {
        const chunks = withImports(
          bundle,
          sources.map((s) => chunkOf(bundle, s)),
        );
        const size = chunks.reduce((sum, c) => sum + gzipSync(c.code).length, 0) / 1000;
        const words = `${name}: ${size.toFixed(1)} KB of JavaScript after gzip, ${limit} allowed`;
        if (size > limit) this.error(words);
        this.info(words);
      }
    },
  };
}
