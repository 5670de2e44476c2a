// Builds the widget into dist/ and fails when it outgrows its budget: what a
// page loads before anybody opens the chat, and all of it.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const kilobyte = 1024;
const limits = { script: 5 * kilobyte, closed: 30 * kilobyte, all: 36 * kilobyte };

for (const name of readdirSync('dist')) if (name !== 'placeholder.js') rmSync(`dist/${name}`, { recursive: true });

const common = {
  bundle: true,
  minify: true,
  target: ['es2021', 'safari15'],
  legalComments: 'none',
  logLevel: 'warning',
  charset: 'utf8',
  outdir: 'dist',
};
await build({ ...common, entryPoints: { widget: 'src/launcher/main.ts' }, format: 'iife' });
await build({ ...common, entryPoints: { frame: 'src/frame/frame.css' } });
const frame = await build({
  ...common,
  entryPoints: { frame: 'src/frame/main.ts' },
  format: 'esm',
  splitting: true,
  chunkNames: 'chunk-[hash]',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  metafile: true,
});

const size = (name) => gzipSync(readFileSync(`dist/${name}`), { level: 9 }).length;
/** The frame's script and what it imports at once. */
const eager = new Set(['dist/frame.js']);
for (const name of eager) {
  for (const i of frame.metafile.outputs[name].imports) if (i.kind === 'import-statement') eager.add(i.path);
}
const sum = (names) => names.reduce((total, name) => total + size(name), 0);
const built = readdirSync('dist').filter((name) => name !== 'placeholder.js');
const closed = ['widget.js', ...[...eager].map((path) => path.slice('dist/'.length))];
const found = { script: size('widget.js'), closed: sum(closed), all: sum(built) };
for (const name of built) console.log(`${name.padEnd(20)} ${String(size(name)).padStart(6)} B gzip`);
let failed = false;
for (const [what, limit] of Object.entries(limits)) {
  failed ||= found[what] > limit;
  console.log(`${what.padEnd(20)} ${String(found[what]).padStart(6)} B gzip of ${limit}`);
}
if (failed) {
  console.error('The widget is larger than its budget.');
  process.exit(1);
}
