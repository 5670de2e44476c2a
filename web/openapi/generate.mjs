// Writes src/api/schema.ts from the program's own description of its API:
//   okno openapi | node generate.mjs [--check]
// With --check nothing is written: it fails when the file is not what the program says.
import { readFile, writeFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import openapiTS, { astToString } from 'openapi-typescript';

const target = new URL('../src/api/schema.ts', import.meta.url);
const head = `// Generated from the program's OpenAPI document by "make api-types". Do not edit.

`;

const document = JSON.parse(await text(process.stdin));
if (!document.components?.schemas) throw new Error('not an OpenAPI document with schemas');
// The shapes alone: the workspace's calls name their paths themselves.
const { openapi, info, components } = document;
const ast = await openapiTS({ openapi, info, paths: {}, components: { schemas: components.schemas } }, { silent: true });
const fresh =
  head +
  astToString(ast)
    .replace(/^export type paths = .*\n/m, '')
    .replace(/^export type webhooks = .*\n/m, '')
    .replace(/^export type \$defs = .*\n/m, '')
    .replace(/^export type operations = .*\n/m, '');

if (!process.argv.includes('--check')) {
  await writeFile(target, fresh);
} else if ((await readFile(target, 'utf8').catch(() => '')) !== fresh) {
  console.error('web/src/api/schema.ts is not what the program says of its API: run "make api-types" and commit it');
  process.exit(1);
}
