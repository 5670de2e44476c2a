// Two agents at once, and finding things again.
import { anna, darya, startOkno } from '../okno.mjs';
import { agent, customer, openBrowser } from '../people.mjs';
import { before, test } from '../scene.mjs';
import { until } from '../until.mjs';

let okno, first, second, visitor;
const question = 'Подскажите, почему машина подтекает?';

before(async () => {
  okno = await startOkno();
  const browser = await openBrowser();
  first = await agent(browser, okno, anna);
  second = await agent(browser, okno, darya);
  visitor = await customer(browser, okno);
  await visitor.open();
  await visitor.say(question);
  await visitor.introduce('Павел Лужин', '+7 916 555-03-04');
  for (const one of [first, second]) {
    await one.tab('Все');
    await one.open(question);
  }
});

test('an agent sees that a colleague is answering', async () => {
  await until('Darya may answer', () => second.box.isEnabled());
  await second.box.pressSequentially('Проверьте, пожалуйста', { delay: 50 });
  await first.page.getByText('сейчас отвечает здесь').waitFor();
  await second.box.fill('');
});

test('a conversation is taken and handed over', async () => {
  await second.page.getByRole('button', { name: 'Ещё', exact: true }).first().click();
  await second.page.getByRole('menuitem', { name: 'Взять себе' }).click();
  await first.page.getByTitle(/^Ответственный: Дарья/).waitFor();
});

test('a mention in a note notifies the colleague and stays inside', async () => {
  await second.page.getByRole('radio', { name: 'Заметка' }).click();
  await second.box.fill('');
  await second.box.pressSequentially('Посмотри, это гарантия? @Анн', { delay: 20 });
  await second.page.getByRole('option', { name: /Анна Белова/ }).first().click();
  await second.box.press('Enter');
  await second.items('это гарантия?').waitFor();
  const bell = first.page.getByRole('button', { name: /^Уведомления: / });
  await bell.click();
  await first.page.getByText(/Дарья.* упоминает вас/).first().waitFor();
  await first.page.keyboard.press('Escape');
  await first.items('это гарантия?').waitFor();
  await until('no note in the widget', async () => (await visitor.bubbles('гарантия').count()) === 0);
});

test('snoozed, resolved, and opened again by the next word', async () => {
  await second.page.getByRole('button', { name: 'Отложить' }).click();
  await second.page.getByRole('menuitem', { name: /^На час/ }).click();
  await first.timeline.getByText('Отложен', { exact: false }).first().waitFor();
  await second.page.getByRole('button', { name: 'Решено' }).click();
  await second.page.getByRole('button', { name: 'Открыть снова' }).waitFor();
  await first.page.getByRole('button', { name: 'Открыть снова' }).waitFor();
  await visitor.say('Опять подтекает');
  await second.page.getByRole('button', { name: 'Решено' }).waitFor();
  await second.items('Опять подтекает').waitFor();
  await first.row('Опять подтекает').waitFor();
});

test('search finds another form of the word and jumps to it', async () => {
  await first.page.goto(`${okno.url}/search`);
  await first.page.getByRole('searchbox', { name: 'Поиск' }).fill('подтекающая');
  await first.page.getByRole('link').filter({ hasText: 'подтекает' }).first().click();
  await first.page.locator('[data-lit]').filter({ hasText: 'подтекает' }).waitFor();
});

test('a phone number is found however it is written', async () => {
  await first.page.goto(`${okno.url}/search`);
  for (const number of ['8 (916) 555 03 04', '+79165550304', '916-555-03-04']) {
    await first.page.getByRole('searchbox', { name: 'Поиск' }).fill(number);
    await first.page.getByRole('link').filter({ hasText: 'Павел Лужин' }).first().waitFor();
  }
});

test('the palette goes anywhere and finds people', async () => {
  await first.page.keyboard.press('Control+k');
  const field = first.page.getByRole('combobox', { name: 'Перейти или найти' });
  await field.fill('лужин');
  await first.page.getByRole('option').filter({ hasText: 'Павел Лужин' }).first().waitFor();
  await field.fill('контакты');
  await first.page.getByRole('option').filter({ hasText: 'Контакты' }).first().click();
  await first.page.waitForURL(`${okno.url}/contacts`);
});

test('no page broke meanwhile', async () => {
  for (const one of [first, second, visitor]) await one.end();
});
