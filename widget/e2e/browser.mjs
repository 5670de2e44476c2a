// Drives the built widget in Chromium as a visitor. Started by the Go test
// TestBrowser of internal/channel/webchat, which gives it a server to kill.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';
import { chromium } from 'playwright-core';

const { OKNO, SITE, CONTROL, CHROMIUM, SCREENS, ONLY } = process.env;
const axeSource = readFileSync(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
if (SCREENS) mkdirSync(SCREENS, { recursive: true });

const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: ['--no-sandbox', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', '--autoplay-policy=no-user-gesture-required'],
});

const act = async (name, order) => {
  const res = await fetch(`${OKNO}/control/${name}`, { method: 'POST', body: JSON.stringify(order) });
  const text = await res.text();
  assert.equal(res.status, 200, `${name}: ${text}`);
  return JSON.parse(text);
};
const kill = () => fetch(`${CONTROL}/kill`, { method: 'POST' });
const start = async () => assert.equal((await fetch(`${CONTROL}/start`, { method: 'POST' })).status, 200);

/** What the workspace heard from one visitor, by kind. */
const heard = async (channel, chat) => (await act('updates', { Channel: channel })).filter((u) => !chat || u.Chat.Key === chat);
const texts = async (channel, chat) => (await heard(channel, chat)).filter((u) => u.Message?.Content.text).map((u) => u.Message.Content.text);

async function eventually(what, check) {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const got = await check();
    if (got) return got;
    assert.ok(Date.now() < deadline, `${what} did not happen`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

/** A browser of its own on the site's page. */
async function visit({ channel = 7, lang = 'ru', phone = false, dark = false, site = SITE, path = '', context } = {}) {
  context ??= await browser.newContext({
    locale: lang === 'ru' ? 'ru-RU' : 'en-US',
    colorScheme: dark ? 'dark' : 'light',
    viewport: phone ? { width: 390, height: 844 } : { width: 1440, height: 900 },
    hasTouch: phone,
    isMobile: phone,
  });
  const page = await context.newPage();
  const refused = [];
  page.on('console', (m) => {
    if (/Content Security Policy|TrustedHTML|Refused to/.test(m.text())) refused.push(m.text());
  });
  if (process.env.TRACE) {
    page.on('console', (m) => console.log('console', m.text()));
    page.on('response', (r) => console.log(r.status(), r.request().method(), r.url()));
    page.on('requestfailed', (r) => console.log('failed', r.url(), r.failure()?.errorText));
  }
  page.on('pageerror', (e) => refused.push(`error: ${e.message}`));
  await page.goto(path ? OKNO + path : `${site}/?channel=${channel}&lang=${lang}`);
  const launcher = page.locator('okno-widget .btn');
  const frame = page.frameLocator('okno-widget iframe');
  return {
    context, page, launcher, frame, refused, channel,
    input: frame.locator('#composer'),
    bubbles: frame.locator('.bubble .text'),
    async open() {
      await launcher.waitFor();
      await launcher.click();
      await frame.locator('.timeline').waitFor();
    },
    async say(text) {
      await this.input.fill(text);
      await this.input.press('Enter');
    },
    shown: () => frame.locator('.bubble .text').allInnerTexts(),
    async shoot(name) {
      if (!SCREENS) return;
      await page.waitForTimeout(350); // transitions
      await page.screenshot({ path: `${SCREENS}/${name}.png` });
    },
    async axe(where) {
      for (const f of page.frames()) {
        if (f !== page.mainFrame() && !f.url().includes('/frame')) continue;
        const found = await f.evaluate(async (source) => {
          if (!window.axe) new Function(source)();
          const r = await window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'], iframes: false });
          return r.violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => `${n.html.slice(0, 160)} ${n.any.map((a) => a.message).join('; ')}`).join(' | ')}`);
        }, axeSource).catch(async (err) => {
          // The page's policy forbids evaluation; that of the debugger is another world.
          const session = await context.newCDPSession(f);
          throw new Error(`axe in ${where}: ${err.message} ${session}`);
        });
        assert.deepEqual(found, [], `axe in ${where}, ${f.url()}`);
      }
    },
    async end() {
      assert.deepEqual(refused, [], 'the policy of the page or the frame was broken');
      await context.close();
    },
  };
}

const lastChat = async (channel, text) => (await eventually(`"${text}"`, async () => (await heard(channel)).find((u) => u.Message?.Content.text === text))).Chat.Key;

let item = 0;
const answer = async (channel, chat, content, more = {}) => (await act('send', { Channel: channel, Chat: chat, ID: `i${++item}`, Content: content, ...more })).ExternalIDs[0];

const cases = {
  async 'a conversation'() {
    const v = await visit();
    await v.launcher.waitFor();
    await v.page.locator('okno-widget .card').waitFor(); // the proactive greeting
    await v.axe('the closed widget');
    await v.shoot('closed-light-1440');
    await v.open();
    await v.axe('the empty widget');
    await v.shoot('empty-light-1440');
    assert.equal((await heard(7)).length, 0, 'opening alone tells the workspace nothing');
    await v.say('Здравствуйте! Есть кофемашина De\'Longhi в чёрном цвете?');
    const chat = await lastChat(7, 'Здравствуйте! Есть кофемашина De\'Longhi в чёрном цвете?');
    const first = (await heard(7, chat))[0];
    assert.ok(first.Message.Source.startsWith(SITE), 'the page is the source');
    await v.frame.locator('.state.sent').waitFor();
    await act('read', { Channel: 7, Chat: chat, ID: first.Message.ExternalID });
    await v.frame.locator('.state.readState').waitFor();
    await act('activity', { Channel: 7, Chat: chat, Activity: 'typing' });
    await v.frame.locator('.typing').waitFor();
    const id = await answer(7, chat, {
      text: 'Здравствуйте! Да, чёрная есть — последняя. Показать?', marks: [{ type: 'bold', offset: 18, length: 12 }],
      buttons: [[{ kind: 'callback', text: 'Да, покажите', payload: 'yes' }, { kind: 'url', text: 'Каталог', url: 'https://shop.example/catalog' }]],
    }, { ReplyTo: first.Message.ExternalID });
    await v.frame.getByText('Да, чёрная есть').first().waitFor();
    assert.equal(await v.frame.locator('.typing').count(), 0, 'typing ends with the message');
    assert.equal(await v.frame.locator('.theirs b', { hasText: 'чёрная есть' }).count(), 1, 'bold');
    assert.equal(await v.frame.locator('.theirs .quote').count(), 1);
    await eventually('the read state', async () => (await heard(7, chat)).some((u) => u.Status?.State === 'read' && u.Status.ExternalID === id));
    await v.frame.getByRole('button', { name: 'Да, покажите' }).click();
    await eventually('the press', async () => (await heard(7, chat)).some((u) => u.Press?.Button.payload === 'yes' && u.Press.ExternalID === id));
    await answer(7, chat, { text: 'Вот она:' }, { Files: [{ Kind: 'image', Name: 'фото.png', Data: picture(320, 220) }] });
    await answer(7, chat, { text: 'Договор: https://shop.example/contract' }, { Files: [{ Kind: 'document', Name: 'Договор поставки № 15.pdf', Data: Buffer.from('%PDF-1.4\n'.repeat(9000)).toString('base64') }] });
    await v.frame.locator('.pic img').waitFor();
    await eventually('the picture is drawn', () => v.frame.locator('.pic img').evaluate((i) => i.naturalWidth > 0));
    // The visitor quotes, and the agent sees that he types.
    const before = await act('typed', { Channel: 7 });
    await v.frame.locator('.row.theirs').last().hover();
    await v.frame.locator('.row.theirs .reply-btn').last().click();
    await v.input.pressSequentially('Беру 😀');
    await eventually('typing', async () => (await act('typed', { Channel: 7 })) > before);
    await v.input.press('Enter');
    const bought = await eventually('the quote', async () => (await heard(7, chat)).find((u) => u.Message?.Content.text === 'Беру 😀'));
    assert.ok(bought.Message.ReplyTo, 'it is a reply');
    await act('react', { Channel: 7, Chat: chat, ID: bought.Message.ExternalID, Emoji: '❤️' });
    await v.frame.locator('.reaction').waitFor();
    await act('edit', { Channel: 7, Chat: chat, ID: id, Content: { text: 'Здравствуйте! Да, чёрная есть — последняя. Доставим завтра.' } });
    await v.frame.getByText('Доставим завтра').first().waitFor();
    await v.axe('the conversation');
    await v.shoot('conversation-light-1440');
    const wrong = await answer(7, chat, { text: 'Ошиблась чатом' });
    await v.frame.getByText('Ошиблась чатом').waitFor();
    await act('delete', { Channel: 7, Chat: chat, ID: wrong });
    await v.frame.locator('.gone').waitFor();
    // Closed again: an answer shows on the launcher.
    await v.input.press('Escape');
    assert.equal(await v.launcher.getAttribute('aria-expanded'), 'false');
    await answer(7, chat, { text: 'Заказ № 1520 собран и ждёт вас в магазине на Покровке.' });
    await v.page.locator('okno-widget .n', { hasText: '1' }).waitFor();
    await v.page.locator('okno-widget .card', { hasText: 'Заказ № 1520' }).waitFor();
    await v.axe('the launcher with a badge');
    await v.shoot('unread-light-1440');
    // A reload, without opening: the badge comes back.
    await v.page.reload();
    await v.page.locator('okno-widget .n', { hasText: '1' }).waitFor();
    await v.open();
    await v.frame.getByText('Заказ № 1520').waitFor();
    await v.page.locator('okno-widget .n', { hasText: '1' }).waitFor({ state: 'detached' }).catch(() => {});
    assert.equal(await v.page.locator('okno-widget .n').innerText(), '');
    // Draft survives as well.
    await v.input.fill('недописанное');
    await v.page.reload();
    await v.open();
    assert.equal(await v.input.inputValue(), 'недописанное');
    await v.end();
  },

  async 'looks on every screen'() {
    let people = 20;
    for (const [phone, dark] of [[false, true], [true, false], [true, true]]) {
      const v = await visit({ phone, dark });
      await v.page.locator('okno-widget .card').waitFor();
      const name = `${dark ? 'dark' : 'light'}-${phone ? 390 : 1440}`;
      await v.shoot(`closed-${name}`);
      await v.open();
      await v.shoot(`empty-${name}`);
      const question = `Добрый день! Какая машина подойдёт для офиса на ${people++} человек?`;
      await v.say(question);
      const chat = await lastChat(7, question);
      await answer(7, chat, { text: 'Добрый день! Советую «Утро Про 2»: две группы, бак на 6 литров.' });
      await answer(7, chat, { text: 'Вот как она выглядит' }, { Files: [{ Kind: 'image', Name: 'фото.png', Data: picture(320, 220) }] });
      await answer(7, chat, { text: 'И прайс' }, { Files: [{ Kind: 'document', Name: 'Прайс-лист, ноябрь.pdf', Data: Buffer.from('%PDF-1.4\n'.repeat(9000)).toString('base64') }] });
      await answer(7, chat, { text: 'Что дальше?', buttons: [[{ kind: 'callback', text: 'Хочу купить', payload: '1' }], [{ kind: 'callback', text: 'Перезвоните мне', payload: '2' }]] });
      await v.frame.getByRole('button', { name: 'Перезвоните мне' }).waitFor();
      await v.say('Отлично, спасибо 🙏');
      await v.frame.locator('.state.sent').last().waitFor();
      await act('activity', { Channel: 7, Chat: chat, Activity: 'typing' });
      await v.frame.locator('.typing').waitFor();
      await v.axe(`the conversation ${name}`);
      await v.shoot(`conversation-${name}`);
      if (phone) {
        const box = await v.page.locator('okno-widget iframe').boundingBox();
        assert.deepEqual([box.x, box.y, box.width, box.height], [0, 0, 390, 844], 'the whole screen');
        await v.frame.getByRole('button', { name: 'Закрыть чат' }).click();
        await v.launcher.waitFor();
      }
      await v.end();
    }
  },

  async 'files and voice'() {
    const v = await visit({ channel: 9 });
    await v.open();
    await v.say('Посмотрите вложение');
    // Closed and nothing known of the visitor: he is asked how to reach him.
    await v.frame.getByText('Как с вами связаться?').waitFor();
    await v.axe('the offline form');
    await v.shoot('offline-light-1440');
    assert.equal((await heard(9)).length, 0, 'nothing goes before the form');
    await v.frame.getByRole('button', { name: 'Отправить' }).click();
    await v.frame.getByText('Укажите телефон или почту').waitFor();
    await v.frame.getByLabel('Телефон').fill('8 900 111-22-33');
    await v.frame.getByRole('button', { name: 'Отправить' }).click();
    const chat = await lastChat(9, 'Посмотрите вложение');
    const [card, message] = await heard(9, chat);
    assert.equal(card.Message.Content.contacts[0].phones[0], '8 900 111-22-33');
    assert.equal(message.Message.Content.text, 'Посмотрите вложение');
    await v.frame.locator('input[type=file]').setInputFiles([
      { name: 'план.png', mimeType: 'image/png', buffer: Buffer.from(picture(600, 400), 'base64') },
      { name: 'большой.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(1_200_000, 1) },
    ]);
    await v.frame.getByText('Файл больше 1 МБ').waitFor();
    await v.frame.getByText('план.png').waitFor();
    await v.shoot('picked-light-1440');
    await v.say('План кухни');
    const withFile = await eventually('the file', async () => (await heard(9, chat)).find((u) => u.Message?.Content.attachments?.length));
    assert.equal(withFile.Message.Content.attachments[0].kind, 'image');
    assert.equal(withFile.Message.Content.attachments[0].width, 600);
    await v.frame.getByRole('button', { name: 'Записать голосовое сообщение' }).click();
    await v.frame.locator('.rec-time', { hasText: '0:02' }).waitFor();
    await v.shoot('recording-light-1440');
    await v.frame.getByRole('button', { name: 'Отправить' }).click();
    const voice = await eventually('the voice message', async () => (await heard(9, chat)).find((u) => u.Message?.Content.attachments?.[0]?.kind === 'voice'));
    assert.ok(voice.Message.Content.attachments[0].duration > 1.5e9);
    await v.frame.locator('.voice').waitFor();
    await v.frame.locator('.row.mine .state.sent').nth(2).waitFor();
    await v.frame.getByRole('button', { name: 'Воспроизвести' }).click();
    await v.frame.getByRole('button', { name: 'Пауза' }).waitFor();
    await v.shoot('voice-light-1440');
    await v.axe('files and voice');
    await v.end();
  },

  async 'consent and particulars'() {
    const v = await visit({ channel: 8, phone: true });
    await v.open();
    await v.say('Сколько стоит ремонт?');
    await v.frame.getByText('Представьтесь, пожалуйста').waitFor();
    await v.frame.getByRole('button', { name: 'Отправить' }).click();
    await v.frame.getByText('Заполните это поле').waitFor();
    await v.axe('the form');
    await v.shoot('form-light-390');
    // Even a reload keeps what he wrote.
    await v.page.reload();
    await v.open();
    await v.frame.getByLabel('Имя').fill('Пётр');
    await v.frame.getByLabel('Телефон').fill('+7 912 345-67-89');
    await v.frame.getByRole('checkbox').check();
    await v.frame.getByRole('button', { name: 'Отправить' }).click();
    const chat = await lastChat(8, 'Сколько стоит ремонт?');
    const all = await heard(8, chat);
    assert.equal(all.length, 2);
    assert.equal(all[1].Sender.Name, 'Пётр');
    assert.equal(all[1].Sender.Phone, '', 'a typed number proves nothing');
    await v.end();
  },

  async 'lost network'() {
    const v = await visit();
    await v.open();
    await v.say('до обрыва');
    const chat = await lastChat(7, 'до обрыва');
    await v.context.setOffline(true);
    await v.frame.getByText('Нет связи').waitFor();
    for (const n of [1, 2, 3]) await v.say(`без сети ${n}`);
    await v.frame.locator('.state.waiting').nth(2).waitFor();
    await v.shoot('offline-banner-1440');
    await answer(7, chat, { text: 'ответ, пока связи нет' });
    await v.context.setOffline(false);
    await v.frame.getByText('ответ, пока связи нет').waitFor();
    await eventually('all of it', async () => (await texts(7, chat)).length === 4);
    assert.deepEqual(await texts(7, chat), ['до обрыва', 'без сети 1', 'без сети 2', 'без сети 3']);
    await eventually('no banner', async () => (await v.frame.getByText('Нет связи').count()) === 0);
    await v.end();
  },

  async 'server killed, page reloaded'() {
    const v = await visit();
    await v.open();
    await v.say('начало');
    const chat = await lastChat(7, 'начало');
    await kill();
    await v.say('сервера нет');
    await v.say('всё ещё нет');
    await v.frame.locator('.state.waiting').nth(1).waitFor();
    await v.page.reload(); // neither script nor frame come; the queue waits in the browser
    await start();
    await v.page.reload();
    await v.open();
    await eventually('both', async () => (await texts(7, chat)).length === 3);
    assert.deepEqual(await texts(7, chat), ['начало', 'сервера нет', 'всё ещё нет']);
    await eventually('all shown once', async () => JSON.stringify(await v.shown()) === JSON.stringify(['начало', 'сервера нет', 'всё ещё нет']));
    await v.end();
  },

  async 'killed while it rains messages'() {
    const v = await visit();
    await v.open();
    await v.say('дождь 0');
    const chat = await lastChat(7, 'дождь 0');
    const want = ['дождь 0'];
    const answers = [];
    for (let round = 0; round < 6; round++) {
      const killing = (async () => {
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 120));
        await kill();
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 200));
        await start();
      })();
      for (let i = 0; i < 8; i++) {
        const text = `дождь ${want.length}`;
        want.push(text);
        await v.say(text);
      }
      await killing;
      const text = `ответ ${round}`;
      answers.push(text);
      await answer(7, chat, { text });
      if (round === 2) {
        await v.page.reload();
        await v.open();
      }
    }
    await eventually('every message', async () => (await texts(7, chat)).length >= want.length);
    assert.deepEqual(await texts(7, chat), want, 'each once and in order');
    const shown = await eventually('all shown', async () => {
      const s = await v.shown();
      return s.length === want.length + answers.length && s;
    });
    assert.deepEqual(shown.filter((s) => s.startsWith('дождь')), want);
    assert.deepEqual(shown.filter((s) => s.startsWith('ответ')), answers);
    await v.end();
  },

  async 'storage of its own'() {
    const v = await visit({ channel: 10, site: SITE.replace('localhost', '127.0.0.1') });
    await v.open();
    await v.say('первое');
    const chat = await lastChat(10, 'первое');
    assert.deepEqual(await v.page.evaluate(() => Object.keys(localStorage).filter((k) => k.includes('.f.'))), [], 'the page keeps nothing for the frame');
    await v.shoot('always-dark-1440');
    await kill();
    await v.frame.locator('input[type=file]').setInputFiles([{ name: 'план.png', mimeType: 'image/png', buffer: Buffer.from(picture(600, 400), 'base64') }]);
    await v.say('файл переживёт перезагрузку');
    await v.frame.locator('.state.waiting').waitFor();
    await v.page.reload();
    await start();
    await v.page.reload();
    await v.open();
    const m = await eventually('the file', async () => (await heard(10, chat)).find((u) => u.Message?.Content.attachments?.length));
    assert.equal(m.Message.Content.text, 'файл переживёт перезагрузку');
    assert.equal(m.Message.Content.attachments[0].width, 600);
    await v.end();
  },

  async 'the demo shop'() {
    for (const [phone, dark] of [[false, false], [true, true]]) {
      const v = await visit({ channel: 11, path: '/demo/', phone, dark });
      await v.page.locator('okno-widget .card').waitFor();
      await v.axe('the shop');
      await v.shoot(`shop-${dark ? 'dark-390' : 'light-1440'}`);
      if (SCREENS) await v.page.screenshot({ path: `${SCREENS}/shop-full-${phone ? 390 : 1440}.png`, fullPage: true });
      await v.page.getByRole('button', { name: 'Для офиса' }).click();
      assert.equal(await v.page.locator('.goods li:visible').count(), 2);
      await v.page.getByRole('link', { name: 'Спросить бариста' }).click();
      await v.say(`из магазина ${phone}`);
      await lastChat(11, `из магазина ${phone}`);
      await v.shoot(`shop-chat-${dark ? 'dark-390' : 'light-1440'}`);
      await v.end();
    }
  },

  async 'two tabs'() {
    const a = await visit();
    await a.open();
    await a.say('из первой');
    const chat = await lastChat(7, 'из первой');
    const b = await visit({ context: a.context });
    await b.open();
    await b.frame.getByText('из первой').waitFor();
    await b.say('из второй');
    await a.frame.getByText('из второй').waitFor();
    await Promise.all([1, 2, 3].flatMap((n) => [a.say(`а${n}`), b.say(`б${n}`)]).map((p) => p.catch(() => {})));
    await eventually('quiet', async () => (await a.frame.locator('.state.waiting').count()) + (await b.frame.locator('.state.waiting').count()) === 0);
    const all = await texts(7, chat);
    assert.equal(new Set(all).size, all.length, `nothing twice: ${all}`);
    await eventually('both tabs show all', async () => JSON.stringify(await a.shown()) === JSON.stringify(all) && JSON.stringify(await b.shown()) === JSON.stringify(all));
    await a.end();
  },

  async 'sockets blocked'() {
    const context = await browser.newContext({ locale: 'en-US' });
    await context.routeWebSocket(/socket/, (ws) => ws.close({ code: 1001 }));
    const v = await visit({ context, lang: 'en' });
    await v.open();
    await v.say('over polls');
    const chat = await lastChat(7, 'over polls');
    await v.frame.getByText('Hello! Which coffee machine').waitFor();
    await answer(7, chat, { text: 'heard by a poll' });
    await v.frame.getByText('heard by a poll').waitFor();
    await act('activity', { Channel: 7, Chat: chat, Activity: 'typing' });
    await v.frame.locator('.typing').waitFor();
    await answer(7, chat, { text: 'and another' });
    await v.frame.getByText('and another').waitFor();
    await v.end();
  },

  async 'keyboard alone'() {
    const v = await visit({ lang: 'en' });
    await v.launcher.waitFor();
    for (let i = 0; i < 6 && !(await v.launcher.evaluate((b) => b.getRootNode().activeElement === b)); i++) await v.page.keyboard.press('Tab');
    await v.page.keyboard.press('Enter');
    await eventually('the composer has the focus', () => v.input.evaluate((e) => document.activeElement === e).catch(() => false));
    await v.page.keyboard.type('typed blindly');
    await v.page.keyboard.press('Enter');
    await lastChat(7, 'typed blindly');
    await v.page.keyboard.press('Escape');
    await eventually('the launcher has it again', () => v.launcher.evaluate((b) => b.getRootNode().activeElement === b));
    await v.page.getByRole('link', { name: 'Ask' }).click(); // the site's own element
    await v.frame.locator('.timeline').waitFor();
    assert.equal(await v.launcher.getAttribute('aria-expanded'), 'true');
    await v.end();
  },

  async 'a site that is not allowed'() {
    const v = await visit({ site: SITE.replace('localhost', '127.0.0.1') });
    await v.page.waitForLoadState('networkidle');
    assert.equal(await v.page.locator('okno-widget').count(), 0);
    // And the browser refuses the frame itself.
    const page = await v.context.newPage();
    await page.setContent(`<iframe src="${OKNO}/widget/7/frame"></iframe>`);
    await page.waitForLoadState('networkidle');
    const inner = page.frames()[1];
    assert.ok(!inner || !(await inner.content()).includes('id="app"'), 'another site shows the frame');
    await v.context.close();
  },
};

/** A real PNG of soft colours, in base64. */
function picture(width, height) {
  const raw = Buffer.alloc((width * 3 + 1) * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * (width * 3 + 1) + 1 + x * 3;
      raw[at] = 150 + (60 * x) / width;
      raw[at + 1] = 105 + (50 * y) / height;
      raw[at + 2] = 80 + (40 * (x + y)) / (width + height);
    }
  }
  return png(width, height, raw).toString('base64');
}

function png(width, height, raw) {
  const chunk = (type, data) => {
    const out = Buffer.alloc(12 + data.length);
    out.writeUInt32BE(data.length, 0);
    out.write(type, 4, 'latin1');
    data.copy(out, 8);
    out.writeUInt32BE(crc32(out.subarray(4, 8 + data.length)), 8 + data.length);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), chunk('IDAT', deflateSync(raw)), chunk('IEND', Buffer.alloc(0))]);
}

let failed = 0;
for (const [name, run] of Object.entries(cases)) {
  if (ONLY && !name.includes(ONLY)) continue;
  const began = Date.now();
  try {
    await run();
    console.log(`ok    ${name} (${Date.now() - began} ms)`);
  } catch (err) {
    failed++;
    console.log(`FAIL  ${name} (${Date.now() - began} ms)\n${err.stack}`);
    for (const context of browser.contexts()) {
      for (const [i, page] of context.pages().entries()) if (SCREENS) await page.screenshot({ path: `${SCREENS}/FAIL-${name.replace(/\W/g, '-')}-${i}.png` }).catch(() => {});
      await context.close();
    }
    await start(); // a case may have died with the server down
  }
}
await browser.close();
process.exit(failed ? 1 : 0);
