// Who sits in front of the browser: an agent in the workspace, a customer in
// the widget of the sample shop.
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import { atEnd, watch } from './scene.mjs';
import { patience, until } from './until.mjs';

/** A browser until the spec's end. */
export async function openBrowser() {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    timeout: 3 * patience,
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream', '--autoplay-policy=no-user-gesture-required',
    ],
  });
  atEnd(() => browser.close());
  return browser;
}

const phoneSize = { width: 390, height: 844 };

// A network that is cut on purpose is told to the console by the browser itself.
const expected = /net::ERR_CONNECTION_REFUSED|net::ERR_CONNECTION_RESET|net::ERR_EMPTY_RESPONSE|net::ERR_INCOMPLETE_CHUNKED|WebSocket connection to/;

async function newPage(browser, { dark = false, phone = false, cuts = false, refusals = [], ...more } = {}) {
  const context = await browser.newContext({
    locale: 'ru-RU',
    timezoneId: 'Europe/Moscow',
    colorScheme: dark ? 'dark' : 'light',
    viewport: phone ? phoneSize : { width: 1440, height: 900 },
    hasTouch: phone,
    isMobile: phone,
    reducedMotion: 'reduce',
    ...more,
  });
  context.setDefaultTimeout(patience);
  // React recovers from some errors and tells of them as the cause of another.
  await context.addInitScript(() =>
    addEventListener('error', (e) => {
      if (e.error?.cause) console.error(`because of ${e.error.cause.stack ?? e.error.cause}`);
    }),
  );
  const page = await context.newPage();
  const errors = [];
  watch(page, errors);
  page.on('pageerror', (error) => errors.push(error.stack));
  page.on('console', (m) => {
    if (m.type() !== 'error') return;
    const { url } = m.location();
    if (cuts && expected.test(m.text())) return;
    // Answers that the story provokes.
    if (refusals.some((r) => m.text().includes(`status of ${r}`))) return;
    errors.push(`${m.text()} ${url}`);
  });
  const end = async () => {
    await context.close();
    assert.deepEqual(errors, [], 'the page broke');
  };
  return { context, page, end };
}

/** Waits until a page has all it wants to show. */
export async function settled(page) {
  await until('nothing is loading', () =>
    page.evaluate(() => !document.querySelector('[aria-busy=true], [class*=skeleton]') && [...document.images].every((i) => i.complete || i.loading === 'lazy')),
  );
  await page.evaluate(() => document.fonts.ready);
}

/** Somebody without an account yet. */
export const stranger = (browser, options) => newPage(browser, options);

/** An agent who is logged in and sees the workspace. */
export async function agent(browser, okno, who, options) {
  const { context, page, end } = await newPage(browser, options);
  const headers = { Origin: okno.url };
  const login = await context.request.post(`${okno.url}/api/v1/auth/login`, { data: who, headers });
  assert.equal(login.status(), 200, await login.text());
  await page.goto(`${okno.url}/`);
  const box = page.locator('#composer');
  const timeline = page.getByRole('region', { name: /^Разговор:/ });
  const field = page.getByRole('region', { name: 'Поле ответа' });
  return {
    context, page, end, box, timeline, field,
    /** Rows of the conversations' list. */
    row: (text) => page.locator('[role=listitem]').filter({ hasText: text }),
    items: (text) => page.locator('[id^=item-]').filter({ hasText: text }),
    /** The API as this agent may use it. */
    async call(method, path, data) {
      const answer = await context.request.fetch(`${okno.url}/api/v1${path}`, { method, data, headers });
      assert.ok(answer.ok(), `${method} ${path}: ${await answer.text()}`);
      return answer.status() === 204 ? undefined : answer.json();
    },
    async tab(name) {
      await page.getByRole('tab', { name: new RegExp(`^${name}`) }).click();
    },
    async open(text) {
      await this.row(text).first().getByRole('link').click();
      await box.waitFor();
    },
    /** Words with files as the browser hands them over, if any. */
    async say(text, ...files) {
      await until('there is a way to answer', () => box.isEnabled());
      if (files.length) await page.locator('input[type=file]').first().setInputFiles(files);
      for (const file of files) await page.getByLabel('Приложенные файлы').getByText(file.name).waitFor();
      await box.fill(text);
      // Files are uploaded first, as the button shows.
      const button = field.getByRole('button', { name: /^(Отправить|Записать|Сохранить)$/ });
      await until('it may be sent', () => button.isEnabled());
      await box.press('Enter');
      await until('it is gone from the composer', async () => (await box.inputValue()) === '');
    },
    async record() {
      await field.getByRole('button', { name: 'Записать голосовое' }).click();
      const recorder = page.getByRole('group', { name: 'Запись голосового' });
      await recorder.getByRole('timer').filter({ hasText: '0:02' }).waitFor();
      await recorder.getByRole('button', { name: 'Отправить' }).click();
      await recorder.waitFor({ state: 'detached' });
    },
    /** Opens an item's menu and chooses, perhaps confirming it. */
    async choose(text, ...entries) {
      await this.items(text).first().getByText(text).first().click({ button: 'right' });
      for (const name of entries) await page.getByRole('menuitem').filter({ hasText: name }).click();
    },
    async react(text, emoji) {
      await this.items(text).first().getByText(text).first().click({ button: 'right' });
      await page.getByRole('group', { name: 'Реакция' }).getByRole('button', { name: emoji }).click();
    },
    /** How far a message of ours has come. */
    state: async (text, name) => page.locator('[id^=item-]').filter({ hasText: text }).getByRole('img', { name, exact: true }).first().waitFor(),
    async sees(picture) {
      await picture.first().waitFor();
      await until('the picture is shown', () => picture.first().evaluate((img) => img.naturalWidth > 0));
    },
  };
}

/** A customer on the shop's page with the chat open. */
export async function customer(browser, okno, options) {
  const { context, page, end } = await newPage(browser, options);
  await page.goto(`${okno.url}/demo/`);
  const launcher = page.locator('okno-widget .btn');
  const frame = page.frameLocator('okno-widget iframe');
  const box = frame.locator('#composer');
  return {
    context, page, end, launcher, frame, box,
    bubbles: (text) => frame.locator('.row').filter({ hasText: text }),
    async open() {
      await launcher.click();
      await frame.locator('.timeline').waitFor();
    },
    async say(text) {
      await box.fill(text);
      await box.press('Enter');
      await this.bubbles(text).first().waitFor();
    },
    /** The shop asks for a name first, and outside working hours how to reach the customer. */
    async introduce(name, phone) {
      const form = frame.locator('form.ask');
      await frame.getByLabel('Имя').fill(name);
      const number = frame.getByLabel('Телефон');
      if (await number.count()) await number.fill(phone);
      await frame.getByRole('button', { name: 'Отправить' }).click();
      await form.waitFor({ state: 'detached' });
    },
  };
}
