// A MAX bot is connected through the settings and talked to; the platform is the stand-in.
import assert from 'node:assert/strict';
import { document, picture, speech, sticker, upload, video } from '../files.mjs';
import { emptyOkno, olga } from '../okno.mjs';
import { agent, openBrowser } from '../people.mjs';
import { startPlatform } from '../platform.mjs';
import { before, test } from '../scene.mjs';
import { until } from '../until.mjs';

const vera = 701;
let okno, me, max, bot, conversation;

const base64 = (bytes) => bytes.toString('base64');
const act = (action, more) => max.act(action, { from: vera, ...more });
const messages = () => max.ask('messages', { user: vera });
/** Waits for a message of the bot at the customer's. */
const arrives = (what, fits) => max.has('messages', { user: vera }, what, (m) => m.from === bot && fits(m));
const said = (text) => arrives(`"${text}"`, (m) => m.text === text);
const kinds = (m) => (m.attachments ?? []).map((a) => a.type);

before(async () => {
  max = await startPlatform('max');
  bot = max.account.user_id;
  okno = await emptyOkno();
  me = await agent(await openBrowser(), okno, olga);
});

test('a bot is connected through the settings and subscribed', async () => {
  const { page } = me;
  const { account } = max;
  await page.goto(`${okno.url}/settings/channels/new-max`);
  await page.getByLabel('Название канала').fill('Бот мастерской');
  await page.getByLabel('Ключ бота').fill(account.token);
  await page.getByText('Дополнительно').click();
  await page.getByLabel('Адрес API').fill(account.api_url);
  await page.getByRole('button', { name: 'Подключить' }).click();
  await page.getByText('Работает', { exact: true }).first().waitFor();
  await until('the platform delivers to us', async () => JSON.stringify(await max.ask('webhooks')).includes(okno.url));
});

test('a customer comes by a link and writes with formatting', async () => {
  await max.act('add_customer', { id: vera, first_name: 'Вера', last_name: 'Ясенева', phone: '+79165557788' });
  await act('start_bot', { payload: 'qr_shop' });
  await me.page.goto(`${okno.url}/?scope=all`);
  const text = 'Здравствуйте! Это срочно';
  await act('send_text', { text, markup: [{ type: 'strong', from: text.indexOf('срочно'), length: 6 }] });
  await me.open('Вера Ясенева');
  await me.items(text).waitFor();
  assert.equal(await me.items(text).locator('strong').innerText(), 'срочно');
  await me.page.getByText('qr_shop').first().waitFor();
  conversation = me.page.url().match(/\/c\/(\d+)/)[1];
});

test('pictures, a video, a document and a sound arrive', async () => {
  const shots = [1, 2].map((n) => ({ kind: 'image', mime: 'image/png', data: base64(picture(300, 200 + n)) }));
  await act('send_files', { text: 'Вот он', files: shots });
  await until('both pictures are in one message', async () => (await me.items('Вот он').locator('img').count()) === 2);
  await me.sees(me.items('Вот он').getByRole('button', { name: /^Открыть/ }).locator('img'));
  await act('send_files', { text: 'Скрипит', files: [{ kind: 'video', mime: 'video/mp4', seconds: 1, width: 320, height: 240, data: base64(video()) }] });
  await me.items('Скрипит').getByRole('button', { name: /^Смотреть/ }).waitFor();
  await act('send_files', { text: 'Чек', files: [{ kind: 'file', name: 'чек.pdf', mime: 'application/pdf', data: base64(document()) }] });
  await me.items('Чек').getByRole('link', { name: /чек\.pdf/ }).waitFor();
  await act('send_files', { files: [{ kind: 'audio', mime: 'audio/ogg', seconds: 3, data: base64(speech()) }] });
  await me.timeline.getByRole('button', { name: 'Слушать' }).first().click();
  await me.timeline.getByRole('button', { name: 'Пауза' }).first().waitFor();
});

test('a voice message that MAX keeps to itself is told of', async () => {
  await act('send_voice');
  // The platform names neither chat nor person.
  await me.page.getByRole('button', { name: /^Уведомления: / }).click();
  await me.page.getByText('Бот мастерской: пришло голосовое, которое мессенджер нам не отдаёт').waitFor();
  await me.page.keyboard.press('Escape');
});

test('a sticker, a place, a card, a reply, an edit and a deletion arrive', async () => {
  await act('send_files', { files: [{ kind: 'sticker', mime: 'image/webp', data: base64(sticker()) }] });
  await me.sees(me.timeline.getByAltText('Стикер'));
  await act('send_location', { latitude: 55.75, longitude: 37.61 });
  await me.timeline.getByRole('link', { name: /55\.75/ }).waitFor();
  await act('send_contact', { name: 'Глеб Дубов', phone: '+79165550800' });
  await me.timeline.getByText('Глеб Дубов').first().waitFor();
  await me.say('Когда вам удобно?');
  const { id } = await said('Когда вам удобно?');
  const reply = await act('send_reply', { message_id: id, text: 'Завтра в десять' });
  await me.items('Завтра в десять').getByRole('button', { name: /Когда вам удобно/ }).waitFor();
  await act('edit_message', { message_id: reply.id, text: 'Завтра в одиннадцать' });
  await me.items('Завтра в одиннадцать').getByText('изменено').waitFor();
  const wrong = await act('send_text', { text: 'Ошиблась чатом' });
  await me.items('Ошиблась чатом').waitFor();
  await act('remove_message', { message_id: wrong.id });
  await me.timeline.getByText('Клиент удалил сообщение').waitFor();
});

test('the agent answers with formatting and every kind of file', async () => {
  await me.say('Записал на **одиннадцать**');
  await arrives('the words', (m) => m.text.includes('одиннадцать'));
  await me.state('Записал на', 'Отправлено');
  await me.say('Два вида', upload('1.png', 'image/png', picture(300, 310)), upload('2.png', 'image/png', picture(300, 320)));
  await arrives('the album', (m) => m.text === 'Два вида' && kinds(m).filter((k) => k === 'image').length === 2);
  await me.say('Как открыть', upload('открыть.mp4', 'video/mp4', video()));
  await arrives('the video', (m) => kinds(m).includes('video'));
  await me.say('Договор', upload('договор.pdf', 'application/pdf', document()));
  await arrives('the document', (m) => m.attachments?.some((a) => a.type === 'file' && a.filename === 'договор.pdf'));
  await me.record();
  await arrives('the voice message', (m) => kinds(m).includes('audio'));
  await me.call('POST', `/conversations/${conversation}/messages`, { content: { location: { latitude: 55.76, longitude: 37.64 } } });
  await arrives('the place', (m) => kinds(m).includes('location'));
  await me.call('POST', `/conversations/${conversation}/messages`, { content: { contacts: [{ name: 'Игорь Клён', phones: ['+79165550900'] }] } });
  await arrives('the card', (m) => kinds(m).includes('contact'));
});

test('the agent replies, edits and deletes', async () => {
  const late = await max.has('messages', { user: vera }, 'the edited message', (m) => m.text === 'Завтра в одиннадцать');
  await me.choose('Завтра в одиннадцать', 'Ответить');
  await me.say('Ждём вас');
  assert.equal((await said('Ждём вас')).reply_to, late.id);
  await me.say('Стоимость 400 рублей');
  await said('Стоимость 400 рублей');
  await me.choose('Стоимость 400', 'Изменить');
  await me.page.getByText('Изменение сообщения').waitFor();
  await me.say('Стоимость 500 рублей');
  await said('Стоимость 500 рублей');
  await me.choose('Стоимость 500', 'Удалить', 'Точно удалить у клиента?');
  await until('it is gone', async () => !(await messages()).some((m) => m.text?.startsWith('Стоимость')));
  await me.timeline.getByText('Сообщение удалено').first().waitFor();
});

test('buttons go out and come back pressed; the own number makes the contact known', async () => {
  await me.field.getByRole('button', { name: 'Кнопки под сообщением' }).click();
  await me.field.getByPlaceholder('Надпись').fill('Подтверждаю');
  await me.say('Придёте?');
  const asked = await said('Придёте?');
  const keyboard = asked.attachments.find((a) => a.type === 'inline_keyboard');
  const press = await act('press_button', { message_id: asked.id, payload: keyboard.payload.buttons[0][0].payload });
  await me.timeline.getByText('Нажата кнопка «Подтверждаю»').waitFor();
  await until('the press is answered', async () => (await max.ask('pressed', { name: press.id })).answered);
  await act('share_own_contact');
  await me.page.getByRole('complementary').getByText('+7 916 555-77-88').waitFor();
});

test('a customer who stopped the bot is shown with the reason', async () => {
  await act('stop_bot');
  await until('the chat is closed', () => me.box.isDisabled());
  await me.page.getByText('Клиент заблокировал нас или остановил бота').first().waitFor({ state: 'attached' });
  await act('start_bot');
  await until('the chat is open again', () => me.box.isEnabled());
  await max.approves();
  await me.end();
});
