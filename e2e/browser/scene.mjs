// A spec is one story: a test goes on where the one before has ended.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test as run } from 'node:test';

const pages = new Map();
const ends = [];
let broken;
let begun = false;

/** Remembers a page and the errors on it, to tell what it showed when something goes wrong. */
export function watch(page, errors) {
  pages.set(page, errors);
  page.on('close', () => pages.delete(page));
}

/** Ends something after the last test, in reverse order; a spec whose beginning failed is cleaned up as well. */
export function atEnd(end) {
  ends.push(end);
}

/** What the pages show: in words for the log, as pictures where SHOTS names a folder. */
async function describe(name) {
  const out = [];
  for (const [page, errors] of pages) {
    const words = await page.locator('body').innerText({ timeout: 5_000 }).catch((error) => String(error));
    out.push(`--- ${[page.url(), ...errors].join('\n')}\n${words.replace(/\s*\n\s*/g, ' | ').slice(-3_000)}`);
    if (!process.env.SHOTS) continue;
    await mkdir(process.env.SHOTS, { recursive: true });
    const file = `${name.replace(/[^\p{L}\d]+/gu, '-').slice(0, 60)}-${out.length}.png`;
    await page.screenshot({ path: join(process.env.SHOTS, file), timeout: 10_000 }).catch(() => undefined);
  }
  return out.join('\n');
}

/** Ends what was begun, the last first. */
export async function clean() {
  for (const end of ends.splice(0).reverse()) await end();
}

/** A step of the story. After one that failed the rest would only wait in vain, and is left out. */
export function test(name, step) {
  if (!begun) after(clean);
  begun = true;
  run(name, async (t) => {
    if (broken) return t.skip(`after "${broken}" failed`);
    try {
      await step(t);
    } catch (error) {
      broken = name;
      console.log(await describe(name));
      throw error;
    }
  });
}

/** What comes before the first test. */
export function before(begin) {
  test('everything is started', begin);
}
