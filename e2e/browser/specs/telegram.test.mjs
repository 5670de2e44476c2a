// A Telegram bot is connected through the settings and talked to; the platform is the stand-in.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { picture, upload, voice } from '../files.mjs';
import { anna, freePort, run, startOkno } from '../okno.mjs';
import { agent, openBrowser } from '../people.mjs';
import { until } from '../until.mjs';

const nina = 501;
let okno, browser, me, platform, api;

async function act(action, body) {
  const answer = await fetch(`${api}/_control/${action}`, { method: body ? 'POST' : 'GET', body: body && JSON.stringify(body) });
  const out = await answer.json();
  assert.equal(answer.status, 200, JSON.stringify(out));
  return out;
}
const received = async () => (await act(`messages?key=${nina}`)).filter((m) => m.bot);

before(async () => {
  api = `http://127.0.0.1:${await freePort()}`;
  const args = ['telegram', '--addr', new URL(api).host, '--page', '127.0.0.1:0'];
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  platform = process.env.STANDIN_BINARY
    ? run(process.env.STANDIN_BINARY, args, { cwd: root })
    : run('go', ['run', './cmd/standin', ...args], { cwd: root, detached: true });
  okno = await startOkno();
  browser = await openBrowser();
  me = await agent(browser, okno, anna);
  await until('the stand-in answers', async () => (await fetch(`${api}/_control/account`).catch(() => undefined))?.ok, 180_000);
});
after(async () => {
  await browser?.close();
  await okno?.end();
  await platform?.end();
});

test('a bot is connected through the settings', async () => {
  const { page } = me;
  const account = await act('account');
  await page.goto(`${okno.url}/settings/channels/new-telegram`);
  await page.getByLabel('Название канала').fill('Бот мастерской');
  await page.getByRole('combobox', { name: 'Отдел' }).or(page.getByRole('textbox', { name: 'Отдел' })).first().click();
  await page.getByRole('option').first().click();
  await page.getByLabel('Ключ бота').fill(account.token);
  await page.getByText('Дополнительно').click();
  await page.getByLabel('Адрес API').fill(api);
  await page.getByLabel('Адрес для файлов').fill(account.file_url);
  await page.getByLabel('Как получать сообщения').first().click();
  await page.getByRole('option', { name: /^Опрос/ }).click();
  await page.getByRole('button', { name: 'Подключить' }).click();
  await page.getByText('Работает', { exact: true }).first().waitFor();
  await page.getByText(account.username).first().waitFor();
});

test('words, a photo and a voice message arrive', async () => {
  await act('add_customer', { id: nina, first_name: 'Нина', last_name: 'Рябина', username: 'nina_r' });
  await me.page.goto(`${okno.url}/?scope=all`);
  await act('send_text', { from: nina, text: 'Здравствуйте, это Нина' });
  await me.open('Здравствуйте, это Нина');
  await me.items('Здравствуйте, это Нина').waitFor();
  await act('send_media', { from: nina, caption: 'Вот она', file: { kind: 'photo', name: 'photo.jpg', data: picture(640, 480).toString('base64') } });
  const seen = me.items('Вот она').getByRole('button', { name: /^Открыть/ }).locator('img');
  await until('the photo is shown', () => seen.evaluate((img) => img.naturalWidth > 0));
  await act('send_media', { from: nina, file: { kind: 'voice', mime: 'audio/wav', duration: 2, data: voice(2).toString('base64') } });
  await me.timeline.getByRole('button', { name: 'Слушать' }).first().waitFor();
});

test('the agent answers with words, a picture and a voice message', async () => {
  await me.say('Добрый день, Нина!');
  await until('the words are there', async () => (await received()).some((m) => m.text === 'Добрый день, Нина!'));
  await me.page.locator('input[type=file]').first().setInputFiles(upload('схема.png', 400, 300));
  await me.say('Схема во вложении');
  await until('the picture is there', async () => (await received()).some((m) => m.type === 'photo'));
  await me.page.getByRole('button', { name: 'Записать голосовое' }).click();
  const recorder = me.page.getByRole('group', { name: 'Запись голосового' });
  await recorder.getByRole('timer').filter({ hasText: '0:02' }).waitFor();
  await recorder.getByRole('button', { name: 'Отправить' }).click();
  await until('the voice message is there', async () => (await received()).some((m) => m.type === 'voice'));
});

test('a customer who blocked the bot is shown with the reason', async () => {
  await act('block', { from: nina });
  await until('the chat is closed or the try fails', async () => {
    if (await me.box.isDisabled()) return true;
    await me.say('Вы ещё здесь?');
    return true;
  });
  await me.page.getByText('Клиент заблокировал нас или остановил бота').first().waitFor();
  assert.deepEqual(await act('violations'), []);
  await me.end();
});
