// A spec is one story: a test goes on where the one before has ended.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test as run } from 'node:test';

const pages = new Set();
const ends = [];
let broken;
let begun = false;

/** Remembers a page, to tell what it showed when something goes wrong. */
export function watch(page) {
  pages.add(page);
  page.on('close', () => pages.delete(page));
}

/** Ends something after the last test, in reverse order; a spec whose beginning failed is cleaned up as well. */
export function atEnd(end) {
  ends.push(end);
}

/** What the pages show: in words for the log, as pictures where SHOTS names a folder. */
async function describe(name) {
  const out = [];
  for (const page of pages) {
    const words = await page.locator('body').innerText({ timeout: 5_000 }).catch((error) => String(error));
    out.push(`--- ${page.url()}\n${words.replace(/\s*\n\s*/g, ' | ').slice(-3_000)}`);
    if (!process.env.SHOTS) continue;
    await mkdir(process.env.SHOTS, { recursive: true });
    const file = `${name.replace(/[^\p{L}\d]+/gu, '-').slice(0, 60)}-${out.length}.png`;
    await page.screenshot({ path: join(process.env.SHOTS, file), timeout: 10_000 }).catch(() => undefined);
  }
  return out.join('\n');
}

/** A step of the story. After one that failed the rest would only wait in vain, and is left out. */
export function test(name, step) {
  if (!begun)
    after(async () => {
      for (const end of ends.reverse()) await end();
    });
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
