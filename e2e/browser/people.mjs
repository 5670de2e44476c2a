// Who sits in front of the browser: an agent in the workspace, a customer in
// the widget of the sample shop.
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import { patience, until } from './until.mjs';

export function openBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream', '--autoplay-policy=no-user-gesture-required',
    ],
  });
}

const phoneSize = { width: 390, height: 844 };

async function newPage(browser, { dark = false, phone = false, ...more } = {}) {
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
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (m) => {
    if (/Content Security Policy|Refused to/.test(m.text())) errors.push(m.text());
  });
  const end = async () => {
    await context.close();
    assert.deepEqual(errors, [], 'the page broke');
  };
  return { context, page, end };
}

/** Somebody without an account yet. */
export const stranger = (browser, options) => newPage(browser, options);

/** An agent who is logged in and sees the workspace. */
export async function agent(browser, okno, who, options) {
  const { context, page, end } = await newPage(browser, options);
  const login = await context.request.post(`${okno.url}/api/v1/auth/login`, { data: who, headers: { Origin: okno.url } });
  assert.equal(login.status(), 200, await login.text());
  await page.goto(`${okno.url}/`);
  const box = page.locator('#composer');
  const timeline = page.getByRole('region', { name: /^Разговор:/ });
  return {
    context, page, end, box, timeline,
    /** Rows of the conversations' list. */
    row: (text) => page.locator('[role=listitem]').filter({ hasText: text }),
    items: (text) => page.locator('[id^=item-]').filter({ hasText: text }),
    async tab(name) {
      await page.getByRole('tab', { name: new RegExp(`^${name}`) }).click();
    },
    async open(text) {
      await this.row(text).first().getByRole('link').click();
      await box.waitFor();
    },
    async say(text) {
      await until('there is a way to answer', () => box.isEnabled());
      await box.fill(text);
      // Files are uploaded first, as the button shows.
      const button = page.getByRole('region', { name: 'Поле ответа' }).getByRole('button', { name: /^(Отправить|Записать|Сохранить)$/ });
      await until('it may be sent', () => button.isEnabled());
      await box.press('Enter');
    },
    async choose(menu, item) {
      await menu.click();
      await page.getByRole('menuitem', { name: item }).click();
    },
    async itemMenu(text) {
      await this.items(text).first().getByText(text).first().click({ button: 'right' });
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
