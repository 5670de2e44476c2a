// Starts the program under test, kills it and starts it again.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './until.mjs';

const binary = process.env.OKNO_BINARY ?? fileURLToPath(new URL('../../bin/okno', import.meta.url));

/** The demo company's people, as `serve --demo` prints them. */
export const anna = { email: 'anna@utro.example', password: 'utro-demo-2026' };
export const darya = { email: 'darya@utro.example', password: 'utro-demo-2026' };

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
    printed: () => printed,
    gone: () => gone,
    async end(signal = 'SIGTERM') {
      child.kill(signal);
      await ended;
    },
  };
}

/** A server with a data folder of its own; end() takes both away. */
export async function startOkno({ demo = true } = {}) {
  const data = await mkdtemp(join(tmpdir(), 'okno-e2e-'));
  const address = `127.0.0.1:${await freePort()}`;
  const url = `http://${address}`;
  let program;
  const okno = {
    url,
    async start() {
      const args = ['serve', '--data-dir', data, '--http-addr', address];
      program = run(binary, demo ? [...args, '--demo'] : args);
      try {
        await until('the server answers', async () => program.gone() || (await fetch(`${url}/api/v1/setup`).catch(() => undefined))?.ok, 180_000);
        if (program.gone()) throw new Error('the server ended');
      } catch (error) {
        throw new Error(`${error.message}\n${program.printed()}`);
      }
    },
    /** As when the power goes: nothing is said, nothing written. */
    kill: () => program.end('SIGKILL'),
    async end() {
      await program.end();
      await rm(data, { recursive: true, force: true });
    },
  };
  await okno.start();
  return okno;
}
