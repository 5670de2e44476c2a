// Runs the specs, one after another, on what they all need: the demo company's
// data and the stand-ins of the platforms. Names of specs may be given:
//   node run.mjs telegram crash
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDemo } from './okno.mjs';
import { buildStandin } from './platform.mjs';

const here = import.meta.dirname;
const all = (await readdir(join(here, 'specs'))).filter((f) => f.endsWith('.test.mjs')).sort();
const wanted = process.argv.slice(2);
const specs = wanted.length ? wanted.map((name) => `${name}.test.mjs`) : all;

const shared = await mkdtemp(join(tmpdir(), 'okno-e2e-shared-'));
let code = 1;
try {
  const env = { ...process.env, OKNO_DEMO: join(shared, 'demo') };
  env.STANDIN_BINARY ??= join(shared, 'standin');
  await Promise.all([makeDemo(env.OKNO_DEMO), process.env.STANDIN_BINARY || buildStandin(env.STANDIN_BINARY)]);
  const tests = spawn(
    process.execPath,
    ['--test', '--test-concurrency=1', '--test-reporter=spec', ...specs.map((f) => join(here, 'specs', f))],
    { env, stdio: 'inherit' },
  );
  code = await new Promise((done) => tests.on('exit', done));
} finally {
  await rm(shared, { recursive: true, force: true });
}
process.exitCode = code ?? 1;
