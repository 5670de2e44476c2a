// Whether everybody can use the pages (axe-core), wide and narrow, light and dark.
// With SHOTS each page is photographed into that folder, to be looked at.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { anna, startOkno } from '../okno.mjs';
import { agent, customer, openBrowser, settled, stranger } from '../people.mjs';
import { before, test } from '../scene.mjs';
import { until } from '../until.mjs';

const shots = process.env.SHOTS && join(process.env.SHOTS, 'looks');
const axe = `${readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')};0`;
let okno, browser;
const chat = {};

before(async () => {
  if (shots) mkdirSync(shots, { recursive: true });
  okno = await startOkno();
  browser = await openBrowser();
});

async function violations(frame, options) {
  if (!(await frame.evaluate(() => 'axe' in window))) await frame.evaluate(axe);
  return frame.evaluate(async (options) => {
    const { violations } = await window.axe.run(document, { iframes: false, resultTypes: ['violations'], ...options });
    return violations
      .filter((v) => v.impact === 'serious' || v.impact === 'critical')
      .map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => `${n.html.slice(0, 200)} (${[...n.any, ...n.all].map((a) => a.message).join('; ')})`).slice(0, 4).join(' | ')}`);
  }, options);
}

const found = [];
/** Looks at a page in both themes. What it shows does not depend on the theme, so that the second time only colours count. */
async function look(page, where, frames = [page.mainFrame()]) {
  for (const scheme of ['light', 'dark']) {
    const name = `${where}-${scheme}`;
    await page.emulateMedia({ colorScheme: scheme });
    await until('the theme has changed', () => page.evaluate((s) => [undefined, s].includes(document.documentElement.dataset.mantineColorScheme), scheme));
    // Colours that fade would be measured half-way.
    for (const frame of frames) await until('nothing moves', () => frame.evaluate(() => document.getAnimations().every((a) => a.playState !== 'running' || a.effect?.getTiming().iterations === Number.POSITIVE_INFINITY)));
    const options = scheme === 'dark' ? { runOnly: ['color-contrast'] } : {};
    for (const frame of frames) for (const v of await violations(frame, options)) found.push(`${name}: ${v}`);
    if (shots) await page.screenshot({ path: join(shots, `${name}.png`) });
  }
  const over = await page.evaluate(() => document.scrollingElement.scrollWidth - window.innerWidth);
  if (over > 0) found.push(`${where}: ${over} px too wide`);
}

/** Each page of the workspace. */
const pages = [
  ['contacts', '/contacts'],
  ['search', '/search?q=заказ'],
  ['profile', '/profile'],
  ['inboxes', '/settings/inboxes'],
  ['channels', '/settings/channels'],
  ['channel-new', '/settings/channels/new'],
  ['channel-telegram', '/settings/channels/new-telegram'],
  ['channel-webchat', () => `/settings/channels/${chat.channel}`],
  ['inbox', () => `/settings/inboxes/${chat.inbox}`],
  ['canned', '/settings/canned'],
  ['tags', '/settings/tags'],
  ['fields', '/settings/fields'],
  ['views', '/settings/views'],
  ['people', '/settings/people'],
  ['teams', '/settings/teams'],
  ['roles', '/settings/roles'],
  ['company', '/settings/workspace'],
  ['audit', '/settings/audit'],
  ['tokens', '/settings/tokens'],
  ['webhooks', '/settings/webhooks'],
];

for (const phone of [false, true]) {
  const size = phone ? 'phone' : 'wide';

  test(`the log-in page and the workspace, ${size}`, async () => {
    const guest = await stranger(browser, { phone, refusals: [401] });
    await guest.page.goto(`${okno.url}/login`);
    await guest.page.getByRole('button', { name: 'Войти' }).waitFor();
    await look(guest.page, `login-${size}`);
    await guest.end();
    const me = await agent(browser, okno, anna, { phone });
    await me.page.goto(`${okno.url}/?scope=all`);
    await me.row('').first().waitFor();
    await look(me.page, `list-${size}`);
    const { items } = await me.call('GET', '/conversations?scope=all&limit=50');
    const open = items.find((c) => c.channel_kinds.includes('webchat') && c.status === 'open');
    Object.assign(chat, { channel: open.channel_id, inbox: open.inbox_id, contact: open.contact.id });
    await me.page.goto(`${okno.url}/c/${open.id}`);
    await me.box.waitFor();
    await me.page.locator('[id^=item-]').first().waitFor();
    await settled(me.page);
    await look(me.page, `conversation-${size}`);
    await me.end();
  });

  test(`every other page, ${size}`, async () => {
    const me = await agent(browser, okno, anna, { phone });
    for (const [name, path] of [...pages, ['contact', `/contacts/${chat.contact}`]]) {
      await me.page.goto(okno.url + (typeof path === 'string' ? path : path()));
      await me.page.getByRole('heading').first().waitFor();
      await settled(me.page);
      await look(me.page, `${name}-${size}`);
    }
    await me.end();
  });

  test(`the widget, ${size}`, async () => {
    const visitor = await customer(browser, okno, { phone });
    await visitor.open();
    const inside = visitor.page.frames().filter((f) => f.url().includes('/frame'));
    assert.equal(inside.length, 1);
    await visitor.say('Здравствуйте! Посоветуйте зерно для эспрессо');
    await look(visitor.page, `widget-form-${size}`, inside);
    await visitor.introduce('Мария Ветрова', '+7 916 555-07-08');
    await visitor.bubbles('Посоветуйте зерно').locator('.state.sent').waitFor();
    await look(visitor.page, `widget-${size}`, inside);
    await visitor.end();
  });
}

test('nothing was found', () => assert.deepEqual(found, []));
