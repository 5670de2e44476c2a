// The stand-ins of the messengers: the customer's side, and the platform's.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, root, run } from './okno.mjs';
import { atEnd } from './scene.mjs';
import { until } from './until.mjs';

/** Compiles the stand-ins. */
export async function buildStandin(to) {
  const build = run(process.env.GO ?? 'go', ['build', '-o', to, './cmd/standin'], { cwd: root, env: { ...process.env, CGO_ENABLED: '0' } });
  await build.ended;
  assert.equal(build.printed(), '', 'the stand-ins do not compile');
}

/** A platform that runs until the spec's end. Customers act through act(), named as in internal/standin. */
export async function startPlatform(name) {
  let binary = process.env.STANDIN_BINARY;
  if (!binary) {
    const folder = await mkdtemp(join(tmpdir(), 'okno-e2e-standin-'));
    atEnd(() => rm(folder, { recursive: true, force: true }));
    binary = join(folder, 'standin');
    await buildStandin(binary);
  }
  const api = `http://127.0.0.1:${await freePort()}`;
  const program = run(binary, [name, '--addr', new URL(api).host, '--page', '127.0.0.1:0'], { cwd: root });
  atEnd(() => program.end());
  await until('the stand-in answers', async () => program.gone() || (await fetch(`${api}/_control/account`).catch(() => undefined))?.ok);
  assert.ok(!program.gone(), program.printed());

  async function call(path, body) {
    const answer = await fetch(`${api}/_control/${path}`, body && { method: 'POST', body: JSON.stringify(body) });
    const out = await answer.json();
    assert.equal(answer.status, 200, `${path}: ${JSON.stringify(out)}`);
    return out;
  }
  return {
    account: await call('account'),
    /** Somebody does something. */
    act: (action, body = {}) => call(action, body),
    /** Something is asked. */
    ask: (question, query = {}) => call(`${question}?${new URLSearchParams(query)}`),
    /** Waits until a question's list has what is wanted, and returns it. */
    async has(question, query, what, fits) {
      let last;
      try {
        return await until(what, async () => {
          last = await this.ask(question, query);
          return last?.find(fits);
        });
      } catch (error) {
        throw new Error(`${error.message}; there is ${JSON.stringify(last)?.slice(0, 4_000)}`);
      }
    },
    /** Whether our requests were what the platform's specification says. */
    async approves() {
      assert.deepEqual(await call('violations'), []);
    },
  };
}
