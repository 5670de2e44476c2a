// A WhatsApp number is connected through the settings and talked to; the platform is the stand-in.
import assert from 'node:assert/strict';
import { document, picture, speech, sticker, upload, video } from '../files.mjs';
import { emptyOkno, olga } from '../okno.mjs';
import { agent, openBrowser } from '../people.mjs';
import { startPlatform } from '../platform.mjs';
import { before, test } from '../scene.mjs';
import { until } from '../until.mjs';

const irina = '79165551122';
let okno, me, whatsapp, conversation;

const base64 = (bytes) => bytes.toString('base64');
const act = (action, more) => whatsapp.act(action, { from: irina, ...more });
const messages = () => whatsapp.ask('messages', { customer: irina });
/** Waits for a message of the business at the customer's. */
const arrives = (what, fits) => whatsapp.has('messages', { customer: irina }, what, (m) => m.business && fits(m));
const said = (text) => arrives(`"${text}"`, (m) => m.text === text);

before(async () => {
  whatsapp = await startPlatform('whatsapp');
  okno = await emptyOkno();
  me = await agent(await openBrowser(), okno, olga);
});

test('a number is connected through the settings and subscribed', async () => {
  const { page } = me;
  const { account } = whatsapp;
  await page.goto(`${okno.url}/settings/channels/new-whatsapp`);
  await page.getByLabel('Название канала').fill('Номер мастерской');
  await page.getByLabel('Идентификатор номера').fill(account.phone_number_id);
  await page.getByLabel('Идентификатор аккаунта').fill(account.waba_id);
  await page.getByLabel('Постоянный ключ доступа').fill(account.token);
  await page.getByLabel('Секрет приложения').fill(account.app_secret);
  await page.getByLabel('Номер телефона').fill(account.display_number);
  await page.getByText('Дополнительно').click();
  await page.getByLabel('Адрес API').fill(account.api_url);
  await page.getByRole('button', { name: 'Подключить' }).click();
  await page.getByText('Работает', { exact: true }).first().waitFor();
  // The address was proved by the handshake.
  await until('the platform delivers to us', async () => (await whatsapp.ask('webhook')).url?.startsWith(okno.url));
});

test('a customer writes with formatting and the window is open', async () => {
  await whatsapp.act('add_customer', { phone: irina, name: 'Ирина Ольховая' });
  await me.page.goto(`${okno.url}/?scope=all`);
  await act('send_text', { text: 'Здравствуйте! Это *срочно*' });
  await me.open('Ирина Ольховая');
  await me.items('Здравствуйте! Это').waitFor();
  assert.equal(await me.items('Здравствуйте! Это').locator('strong').innerText(), 'срочно');
  await me.field.getByRole('radio', { name: /^WhatsApp.*2[34]:\d\d/ }).waitFor();
  conversation = me.page.url().match(/\/c\/(\d+)/)[1];
});

test('pictures, a video, a document, a voice message and a sticker arrive', async () => {
  await act('send_media', { file: { kind: 'image', mime: 'image/png', caption: 'Вот он', data: base64(picture(640, 480)) } });
  await me.sees(me.items('Вот он').getByRole('button', { name: /^Открыть/ }).locator('img'));
  await act('send_media', { file: { kind: 'video', caption: 'Скрипит', data: base64(video()) } });
  await me.items('Скрипит').getByRole('button', { name: /^Смотреть/ }).waitFor();
  await act('send_media', { file: { kind: 'document', name: 'чек.pdf', caption: 'Чек', data: base64(document()) } });
  await me.items('Чек').getByRole('link', { name: /чек\.pdf/ }).waitFor();
  await act('send_media', { file: { kind: 'voice', data: base64(speech()) } });
  await me.timeline.getByRole('button', { name: 'Слушать' }).first().click();
  await me.timeline.getByRole('button', { name: 'Пауза' }).first().waitFor();
  await act('send_media', { file: { kind: 'sticker', data: base64(sticker()) } });
  await me.sees(me.timeline.getByAltText('Стикер'));
});

test('a place, a card, a reply, a reaction and what is not handed over arrive', async () => {
  await act('send_location', { place: { latitude: 55.75, longitude: 37.61, name: 'Мастерская', address: 'Покровка, 7' } });
  await me.timeline.getByRole('link', { name: /Мастерская.*Покровка, 7/ }).waitFor();
  await act('send_contact', { name: 'Глеб Дубов', phone: '+7 916 555-08-00' });
  await me.timeline.getByText('Глеб Дубов').first().waitFor();
  await me.say('Когда вам удобно?');
  const { id } = await said('Когда вам удобно?');
  await act('send_reply', { message_id: id, text: 'Завтра в десять' });
  await me.items('Завтра в десять').getByRole('button', { name: /Когда вам удобно/ }).waitFor();
  await act('react', { message_id: id, emoji: '👍' });
  await me.items('Когда вам удобно?').getByRole('button', { name: /^👍/ }).waitFor();
  await act('edit_message');
  await me.timeline.getByText('Клиент изменил сообщение').waitFor();
});

test('what the agent sends is delivered and read, and a failure has its reason', async () => {
  await me.say('Записал на **одиннадцать**');
  const { id } = await said('Записал на *одиннадцать*');
  // Statuses come out of order: what is read stays read.
  await whatsapp.act('status', { message_id: id, state: 'delivered' });
  await me.state('Записал на', 'Доставлено');
  await whatsapp.act('status', { message_id: id, state: 'read' });
  await me.state('Записал на', 'Прочитано');
  await whatsapp.act('status', { message_id: id, state: 'delivered' });
  await whatsapp.act('block', { customer: irina });
  await me.say('Вы ещё здесь?');
  const lost = await said('Вы ещё здесь?');
  await whatsapp.act('status', { message_id: lost.id, state: 'failed', code: 131026 });
  await me.items('Вы ещё здесь?').getByText('Получателя нет в этом мессенджере или ему нельзя писать').waitFor();
  await whatsapp.act('unblock', { customer: irina });
  await me.items('Вы ещё здесь?').getByRole('button', { name: 'Повторить' }).click();
  await until('it is really sent again', async () => (await messages()).filter((m) => m.text === 'Вы ещё здесь?').length === 2);
  await me.state('Вы ещё здесь?', /^(Отправлено|Доставлено)$/);
  await me.state('Записал на', 'Прочитано');
});

test('the agent sends pictures, a video, a document, a voice message, a place and a card', async () => {
  await me.say('Схема во вложении', upload('схема.png', 'image/png', picture(400, 300)));
  await arrives('the picture', (m) => m.type === 'image' && m.text === 'Схема во вложении');
  await me.say('Как открыть', upload('открыть.mp4', 'video/mp4', video()));
  await arrives('the video', (m) => m.type === 'video');
  await me.say('Договор', upload('договор.pdf', 'application/pdf', document()));
  const { body } = await arrives('the document', (m) => m.type === 'document');
  assert.equal(body.document.filename, 'договор.pdf');
  await me.record();
  await arrives('the voice message', (m) => m.type === 'audio');
  await me.call('POST', `/conversations/${conversation}/messages`, { content: { location: { latitude: 55.76, longitude: 37.64, title: 'Дуб', address: 'Покровка, 7' } } });
  await arrives('the place', (m) => m.type === 'location');
  await me.call('POST', `/conversations/${conversation}/messages`, { content: { contacts: [{ name: 'Игорь Клён', phones: ['+79165550900'] }] } });
  await arrives('the card', (m) => m.type === 'contacts');
});

test('the agent replies and reacts, and buttons come back pressed', async () => {
  const late = await whatsapp.has('messages', { customer: irina }, "the customer's words", (m) => m.text === 'Завтра в десять');
  await me.choose('Завтра в десять', 'Ответить');
  await me.say('Ждём вас');
  assert.equal((await said('Ждём вас')).reply_to, late.id);
  await me.react('Завтра в десять', '🙏');
  await arrives('our reaction', (m) => m.type === 'reaction' && m.body.reaction.emoji === '🙏');
  await me.field.getByRole('button', { name: 'Кнопки под сообщением' }).click();
  await me.field.getByPlaceholder('Надпись').fill('Подтверждаю');
  await me.say('Придёте?');
  const asked = await arrives('the question', (m) => m.type === 'interactive');
  await act('press_button', { message_id: asked.id, button_id: asked.body.interactive.action.buttons[0].reply.id });
  await me.timeline.getByText('Нажата кнопка «Подтверждаю»').waitFor();
});

test('after the window only a template goes out, with its variables filled in', async () => {
  const sergei = '79165553344';
  // What he wrote comes a day late.
  await whatsapp.act('advance', { seconds: -25 * 3600 });
  await whatsapp.act('add_customer', { phone: sergei, name: 'Сергей Липин' });
  await whatsapp.act('send_text', { from: sergei, text: 'Готов ли мой заказ?' });
  await whatsapp.act('advance', { seconds: 25 * 3600 });
  await me.row('Готов ли мой заказ?').first().getByRole('link').click();
  await me.field.getByText('только шаблон').waitFor();
  await me.field.getByText(/Прошло больше 24 часов/).waitFor();
  assert.equal(await me.box.count(), 0);
  await me.field.getByLabel('Шаблон').first().click();
  const offered = await me.page.getByRole('option').allInnerTexts();
  assert.ok(!offered.some((o) => o.startsWith('paused_offer')), 'a paused template is offered');
  await me.page.getByRole('option', { name: 'order_update · ru' }).click();
  const send = me.field.getByRole('button', { name: 'Отправить шаблон' });
  assert.ok(await send.isDisabled(), 'the variables are still empty');
  const variables = me.field.getByLabel(/^(Заголовок, |Текст, |Кнопка «)/);
  await until('the variables are asked for', async () => (await variables.count()) === 4);
  for (const [n, value] of ['№ 123', 'Сергей', '№ 123', '123'].entries()) await variables.nth(n).fill(value);
  await me.field.getByText('Здравствуйте, Сергей! Ваш заказ № 123 готов.').waitFor();
  await send.click();
  const sent = await whatsapp.has('messages', { customer: sergei }, 'the template', (m) => m.type === 'template');
  assert.equal(sent.body.template.name, 'order_update');
  await me.items('Здравствуйте, Сергей!').waitFor();
  await whatsapp.act('status', { message_id: sent.id, state: 'read' });
  await me.state('Здравствуйте, Сергей!', 'Прочитано');
  // His answer opens the window.
  await whatsapp.act('send_text', { from: sergei, text: 'Спасибо, заеду' });
  await me.say('Ждём вас!');
  await whatsapp.has('messages', { customer: sergei }, 'the free words', (m) => m.business && m.text === 'Ждём вас!');
  await whatsapp.approves();
  await me.end();
});
