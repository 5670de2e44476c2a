// Whether everybody can use the pages (axe-core), wide and narrow, light and dark, and what they look like.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readFileSync } from 'node:fs';
import { anna, startOkno } from '../okno.mjs';
import { agent, customer, openBrowser, stranger } from '../people.mjs';

// With SCREENS=docs/screens (a folder of the repository) the pages are photographed as well.
const screens = process.env.SCREENS && fileURLToPath(new URL(`../../../${process.env.SCREENS}/`, import.meta.url));
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let okno, browser;

before(async () => {
  if (screens) await mkdir(screens, { recursive: true });
  okno = await startOkno();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await okno?.end();
});

async function violations(frame) {
  return frame.evaluate(async (source) => {
    if (!window.axe) new Function(source)();
    const { violations } = await window.axe.run(document, { iframes: false });
    return violations
      .filter((v) => v.impact === 'serious' || v.impact === 'critical')
      .map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => `${n.html.slice(0, 200)} (${n.any.map((a) => a.message).join('; ')})`).slice(0, 4).join(' | ')}`);
  }, axe);
}

const found = [];
async function check({ page }, where, frames = [page.mainFrame()]) {
  await page.evaluate(() => document.fonts.ready);
  for (const frame of frames) for (const v of await violations(frame)) found.push(`${where}: ${v}`);
  if (screens) await page.screenshot({ path: `${screens}${where}.png` });
}

const variants = [[false, false], [false, true], [true, false], [true, true]];

for (const [phone, dark] of variants) {
  const suffix = `${phone ? '-phone' : ''}-${dark ? 'dark' : 'light'}`;
  test(`the workspace${suffix}`, async () => {
    found.length = 0;
    const options = { phone, dark, bypassCSP: true };
    const guest = await stranger(browser, options);
    await guest.page.goto(`${okno.url}/login`);
    await guest.page.getByRole('button', { name: 'Войти' }).waitFor();
    await check(guest, `login${suffix}`);
    await guest.end();
    const me = await agent(browser, okno, anna, options);
    await me.page.goto(`${okno.url}/?scope=all&channel_kind=webchat`);
    await me.row('').first().waitFor();
    if (phone) await check(me, `list${suffix}`);
    await me.row('Рустам Баженов').or(me.row('').first()).last().getByRole('link').click();
    await me.box.waitFor();
    await me.page.locator('[id^=item-]').first().waitFor();
    await me.page.waitForLoadState('networkidle');
    await check(me, `workspace${suffix}`);
    for (const [name, path, ready] of [
      ['channels', '/settings/channels', 'Каналы'], ['contacts', '/contacts', 'Контакты'],
    ]) {
      await me.page.goto(okno.url + path);
      await me.page.getByRole('heading', { name: ready }).first().waitFor();
      await me.page.waitForLoadState('networkidle');
      await check(me, `${name}${suffix}`);
    }
    await me.end();
    assert.deepEqual(found, []);
  });

  test(`the widget${suffix}`, async () => {
    found.length = 0;
    const visitor = await customer(browser, okno, { phone, dark, bypassCSP: true });
    await visitor.open();
    const inside = visitor.page.frames().filter((f) => f.url().includes('/frame'));
    assert.equal(inside.length, 1);
    await visitor.say('Здравствуйте! Посоветуйте зерно для эспрессо');
    await check(visitor, `widget-form${suffix}`, inside);
    await visitor.introduce('Мария Ветрова', '+7 916 555-07-08');
    await visitor.bubbles('Посоветуйте зерно').locator('.state.sent').waitFor();
    await check(visitor, `widget${suffix}`, inside);
    await visitor.end();
    assert.deepEqual(found, []);
  });
}
