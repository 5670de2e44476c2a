// A Telegram bot is connected through the settings and talked to; the platform is the stand-in.
import assert from 'node:assert/strict';
import { document, picture, speech, sticker, upload, video } from '../files.mjs';
import { emptyOkno, olga } from '../okno.mjs';
import { agent, openBrowser } from '../people.mjs';
import { startPlatform } from '../platform.mjs';
import { before, test } from '../scene.mjs';
import { until } from '../until.mjs';

const nina = 501;
let okno, me, telegram, conversation;

const base64 = (bytes) => bytes.toString('base64');
const act = (action, more) => telegram.act(action, { from: nina, ...more });
/** Waits for a message of the bot at the customer's. */
const arrives = (what, fits) => telegram.has('messages', { key: nina }, what, (m) => m.bot && fits(m));
/** A message by words in it. */
const said = (text, side = 'bot') => telegram.has('messages', { key: nina }, `"${text}" is in the chat`, (m) => m.text === text && Boolean(m.bot) === (side === 'bot'));

before(async () => {
  telegram = await startPlatform('telegram');
  okno = await emptyOkno();
  me = await agent(await openBrowser(), okno, olga);
});

test('a bot is connected through the settings', async () => {
  const { page } = me;
  const { account } = telegram;
  await page.goto(`${okno.url}/settings/channels/new-telegram`);
  await page.getByLabel('Название канала').fill('Бот мастерской');
  await page.getByLabel('Ключ бота').fill(account.token);
  await page.getByText('Дополнительно').click();
  await page.getByLabel('Адрес API').fill(account.api_url);
  await page.getByLabel('Адрес для файлов').fill(account.file_url);
  await page.getByLabel('Как получать сообщения').first().click();
  await page.getByRole('option', { name: /^Опрос/ }).click();
  await page.getByRole('button', { name: 'Подключить' }).click();
  await page.getByText('Работает', { exact: true }).first().waitFor();
  await page.getByText(account.username).first().waitFor();
});

test('a customer comes by a link and writes with formatting', async () => {
  await telegram.act('add_customer', { id: nina, first_name: 'Нина', last_name: 'Рябина', username: 'nina_r', phone: '+79165550607' });
  await act('start', { payload: 'vk_ads' });
  await me.page.goto(`${okno.url}/?scope=all`);
  const text = 'Здравствуйте! Это срочно, см. сайт';
  await act('send_text', {
    text,
    entities: [
      { type: 'bold', offset: text.indexOf('срочно'), length: 6 },
      { type: 'text_link', offset: text.indexOf('сайт'), length: 4, url: 'https://dub.example/' },
    ],
  });
  await me.open('Нина Рябина');
  await me.items(text).waitFor();
  assert.equal(await me.items(text).locator('strong').innerText(), 'срочно');
  assert.equal(await me.items(text).getByRole('link', { name: 'сайт' }).getAttribute('href'), 'https://dub.example/');
  await me.page.getByText('vk_ads').first().waitFor();
  conversation = me.page.url().match(/\/c\/(\d+)/)[1];
});

test('a photo, an album, a video and a document arrive', async () => {
  await act('send_media', { caption: 'Вот он', file: { kind: 'photo', name: 'photo.jpg', data: base64(picture(640, 480)) } });
  await me.sees(me.items('Вот он').getByRole('button', { name: /^Открыть/ }).locator('img'));
  const album = [1, 2, 3].map((n) => ({ kind: 'photo', name: `${n}.jpg`, data: base64(picture(300, 200 + n)) }));
  await act('send_album', { caption: 'Со всех сторон', files: album });
  await until('the album is one message', async () => (await me.items('Со всех сторон').locator('img').count()) === 3);
  await act('send_media', { caption: 'Скрипит', file: { kind: 'video', name: 'a.mp4', mime: 'video/mp4', duration: 1, data: base64(video()) } });
  await me.items('Скрипит').getByRole('button', { name: /^Смотреть/ }).waitFor();
  await act('send_media', { caption: 'Чек', file: { kind: 'document', name: 'чек.pdf', mime: 'application/pdf', data: base64(document()) } });
  await me.items('Чек').getByRole('link', { name: /чек\.pdf/ }).waitFor();
});

test('a voice message, a sticker, a place and a contact card arrive', async () => {
  await act('send_media', { file: { kind: 'voice', mime: 'audio/ogg', duration: 3, data: base64(speech()) } });
  await me.timeline.getByRole('button', { name: 'Слушать' }).first().click();
  await me.timeline.getByRole('button', { name: 'Пауза' }).first().waitFor();
  await act('send_media', { file: { kind: 'sticker', mime: 'image/webp', emoji: '🧡', data: base64(sticker()) } });
  await me.sees(me.timeline.getByAltText('🧡'));
  await act('send_location', { spot: { latitude: 55.75, longitude: 37.61, title: 'Мастерская', address: 'Покровка, 7' } });
  await me.timeline.getByRole('link', { name: /Мастерская.*Покровка, 7/ }).waitFor();
  await act('send_contact', { card: { phone: '+79165550800', first_name: 'Глеб', last_name: 'Дубов' } });
  await me.timeline.getByText('Глеб Дубов').first().waitFor();
});

test('a reply, an edit, a reaction and words nobody knows yet arrive', async () => {
  await me.say('Когда вам удобно?');
  const { id } = await said('Когда вам удобно?');
  await act('send_text', { reply_to: id, text: 'Завтра в десять' });
  await me.items('Завтра в десять').getByRole('button', { name: /Когда вам удобно/ }).waitFor();
  const late = await said('Завтра в десять', 'customer');
  await act('edit_text', { message_id: late.id, text: 'Завтра в одиннадцать' });
  await me.items('Завтра в одиннадцать').getByText('изменено').waitFor();
  await act('react', { message_id: id, emoji: '👍' });
  await me.items('Когда вам удобно?').getByRole('button', { name: /^👍/ }).waitFor();
  await act('send_unknown', { type: 'hologram' });
  await me.timeline.getByText(/hologram.* пока не показать/).waitFor();
});

test('the agent answers with formatting, pictures, a video and a document', async () => {
  await me.say('Записал на **одиннадцать**, [карта](https://dub.example/map)');
  const words = await said('Записал на одиннадцать, карта');
  assert.deepEqual(words.body.entities.map((e) => [e.type, e.url]), [['bold', undefined], ['text_link', 'https://dub.example/map']]);
  await me.state('Записал на', 'Отправлено');
  await me.say('Схема во вложении', upload('схема.png', 'image/png', picture(400, 300)));
  assert.equal((await arrives('the picture', (m) => m.type === 'photo')).text, 'Схема во вложении');
  await me.say('Два вида', upload('1.png', 'image/png', picture(300, 310)), upload('2.png', 'image/png', picture(300, 320)));
  await arrives('the first of the album', (m) => m.body.media_group_id && m.text === 'Два вида');
  await until('the album is whole', async () => (await telegram.ask('messages', { key: nina })).filter((m) => m.bot && m.body.media_group_id).length === 2);
  await me.say('Как открыть', upload('открыть.mp4', 'video/mp4', video()));
  await arrives('the video', (m) => m.type === 'video' && m.text === 'Как открыть');
  await me.say('Договор', upload('договор.pdf', 'application/pdf', document()));
  const { body } = await arrives('the document', (m) => m.type === 'document');
  assert.equal(body.document.file_name, 'договор.pdf');
});

test('the agent answers with a voice message, a place and a contact card', async () => {
  await me.record();
  const { body } = await arrives('the voice message', (m) => m.type === 'voice');
  assert.match(body.voice.mime_type, /ogg/);
  await me.call('POST', `/conversations/${conversation}/messages`, { content: { location: { latitude: 55.76, longitude: 37.64, title: 'Дуб', address: 'Покровка, 7' } } });
  await arrives('the place', (m) => m.type === 'venue' || m.type === 'location');
  await me.call('POST', `/conversations/${conversation}/messages`, { content: { contacts: [{ name: 'Игорь Клён', phones: ['+79165550900'] }] } });
  await arrives('the card', (m) => m.type === 'contact');
});

test('the agent replies, edits, reacts and deletes', async () => {
  await me.choose('Завтра в одиннадцать', 'Ответить');
  await me.say('Ждём вас');
  const late = await telegram.has('messages', { key: nina }, 'the edited message', (m) => m.text === 'Завтра в одиннадцать');
  assert.equal((await said('Ждём вас')).reply_to, late.id);
  await me.react('Завтра в одиннадцать', '🔥');
  await telegram.has('messages', { key: nina }, 'our reaction', (m) => m.id === late.id && m.reaction === '🔥');
  await me.say('Стоимость 400 рублей');
  await said('Стоимость 400 рублей');
  await me.choose('Стоимость 400', 'Изменить');
  await me.page.getByText('Изменение сообщения').waitFor();
  await me.say('Стоимость 500 рублей');
  await arrives('the edit', (m) => m.text === 'Стоимость 500 рублей' && m.edited);
  await me.choose('Стоимость 500', 'Удалить', 'Точно удалить у клиента?');
  await until('it is gone', async () => !(await telegram.ask('messages', { key: nina })).some((m) => m.text === 'Стоимость 500 рублей' && !m.deleted));
  await me.timeline.getByText('Сообщение удалено').first().waitFor();
});

test('buttons go out and come back pressed; the own number makes the contact known', async () => {
  await me.field.getByRole('button', { name: 'Кнопки под сообщением' }).click();
  await me.field.getByPlaceholder('Надпись').fill('Подтверждаю');
  await me.say('Придёте?');
  const { id, body } = await said('Придёте?');
  const button = body.reply_markup.inline_keyboard[0][0];
  assert.equal(button.text, 'Подтверждаю');
  const press = await act('press_button', { message_id: id, data: button.callback_data });
  await me.timeline.getByText('Нажата кнопка «Подтверждаю»').waitFor();
  await until('the press is answered', async () => (await telegram.ask('answered', { id: press.id })).answered);
  await act('share_own_contact');
  await me.page.getByText('+7 916 555-06-07').first().waitFor();
  await me.page.getByRole('complementary').getByText('+7 916 555-06-07').waitFor();
});

test('a customer who blocked the bot is shown with the reason', async () => {
  await act('block');
  await until('the chat is closed', () => me.box.isDisabled());
  await me.page.getByText('Клиент заблокировал нас или остановил бота').first().waitFor();
  await act('unblock');
  await until('the chat is open again', () => me.box.isEnabled());
  await telegram.approves();
  await me.end();
});
