// Starts the program under test, kills it and starts it again.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { atEnd } from './scene.mjs';
import { until } from './until.mjs';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const binary = process.env.OKNO_BINARY ?? join(root, 'bin/okno');

/** The demo company's people, as `serve --demo` prints them. */
export const anna = { email: 'anna@utro.example', password: 'utro-demo-2026' };
export const darya = { email: 'darya@utro.example', password: 'utro-demo-2026' };
/** Who sets up an empty workspace. */
export const olga = { email: 'olga@dub.example', password: 'ключ от мастерской' };

export async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** Runs a command until end() and keeps what it printed. */
export function run(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (printed += data));
  const ended = new Promise((done) => {
    child.on('exit', done);
    child.on('error', (error) => {
      printed += error;
      done();
    });
  });
  let gone = false;
  void ended.then(() => (gone = true));
  return {
    ended,
    printed: () => printed,
    gone: () => gone,
    async end(signal = 'SIGTERM') {
      child.kill(signal);
      await ended;
    },
  };
}

async function serve(data, url, { demo } = {}) {
  const args = ['serve', '--data-dir', data, '--http-addr', new URL(url).host, '--base-url', url];
  const program = run(binary, demo ? [...args, '--demo'] : args);
  try {
    await until('the server answers', async () => program.gone() || (await fetch(`${url}/api/v1/setup`).catch(() => undefined))?.ok, 300_000);
    if (program.gone()) throw new Error('the server ended');
  } catch (error) {
    await program.end('SIGKILL');
    throw new Error(`${error.message}\n${program.printed()}`);
  }
  return program;
}

/** Fills a folder with the demo company, to start servers with a copy of it. */
export async function makeDemo(data) {
  const program = await serve(data, `http://127.0.0.1:${await freePort()}`, { demo: true });
  await program.end();
}

/** A server with a data folder of its own, both until the spec's end. */
export async function startOkno({ demo = true } = {}) {
  const data = await mkdtemp(join(tmpdir(), 'okno-e2e-'));
  const made = demo && process.env.OKNO_DEMO;
  if (made) await cp(made, data, { recursive: true });
  const url = `http://127.0.0.1:${await freePort()}`;
  let program;
  const okno = {
    url,
    async start() {
      program = await serve(data, url, { demo: demo && !made });
    },
    /** As when the power goes: nothing is said, nothing written. */
    kill: () => program.end('SIGKILL'),
  };
  atEnd(async () => {
    await program?.end();
    await rm(data, { recursive: true, force: true });
  });
  await okno.start();
  return okno;
}

/** An empty workspace of which Olga is the admin. */
export async function emptyOkno() {
  const okno = await startOkno({ demo: false });
  const answer = await fetch(`${okno.url}/api/v1/setup`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Origin: okno.url },
    body: JSON.stringify({
      ...olga, name: 'Ольга Дубова', workspace_name: 'Мастерская «Дуб»', locale: 'ru', timezone: 'Europe/Moscow', country: 'RU',
    }),
  });
  assert.ok(answer.ok, await answer.text());
  return okno;
}
