// An empty database: the wizard, the log-in page, and a colleague who is invited.
import assert from 'node:assert/strict';
import { startOkno } from '../okno.mjs';
import { openBrowser, stranger } from '../people.mjs';
import { before, test } from '../scene.mjs';

const password = 'ключ от мастерской';
const colleague = 'шесть зелёных чашек';
let okno, browser, owner;

before(async () => {
  okno = await startOkno({ demo: false });
  browser = await openBrowser();
  owner = await stranger(browser, { refusals: [401] });
});

async function login({ page }, email, secret) {
  await page.getByLabel('Эл. почта').fill(email);
  await page.getByLabel('Пароль').fill(secret);
  await page.getByRole('button', { name: 'Войти' }).click();
}

test('the first visitor sets the workspace up', async () => {
  const { page } = owner;
  await page.goto(okno.url);
  await page.getByText('Ваша компания').waitFor();
  await page.getByRole('button', { name: 'Дальше' }).click();
  await page.getByText('Введите название').waitFor();
  await page.getByLabel('Название').fill('Мастерская «Дуб»');
  await page.getByRole('button', { name: 'Дальше' }).click();
  await page.getByLabel('Имя и фамилия').fill('Ольга Дубова');
  await page.getByLabel('Эл. почта').fill('olga@dub.example');
  await page.getByLabel('Пароль').fill('мало');
  await page.getByRole('button', { name: 'Создать' }).click();
  await page.getByText('Не меньше 8 знаков', { exact: true }).waitFor();
  await page.getByLabel('Пароль').fill(password);
  await page.getByRole('button', { name: 'Создать' }).click();
  await page.getByText('Всё готово').waitFor();
  await page.getByRole('link', { name: /Чат на сайте/ }).waitFor();
  await page.getByRole('button', { name: 'Позже, сначала осмотрюсь' }).click();
  await page.getByRole('tab', { name: /^Мои/ }).waitFor();
  // Nobody sets it up twice.
  await page.goto(`${okno.url}/setup`);
  await page.waitForURL((url) => url.pathname !== '/setup');
});

test('a colleague accepts an invitation', async () => {
  const { page } = owner;
  await page.goto(`${okno.url}/settings/people`);
  await page.getByRole('button', { name: 'Пригласить' }).first().click();
  await page.getByLabel('Имя и фамилия').fill('Игорь Клён');
  await page.getByLabel('Эл. почта').fill('igor@dub.example');
  await page.getByRole('button', { name: 'Создать приглашение' }).click();
  await page.getByText('Приглашение для Игорь Клён готово').waitFor();
  const link = await page.getByLabel('Ссылка-приглашение').first().evaluate((e) => e.value ?? e.textContent);
  assert.match(link, /^http/);
  const igor = await stranger(browser, { refusals: [401] });
  await igor.page.goto(link);
  await igor.page.getByText('Мастерская «Дуб»').first().waitFor();
  await igor.page.getByLabel('Новый пароль').fill(colleague);
  await igor.page.getByRole('button', { name: 'Начать работу' }).click();
  await igor.page.getByRole('tab', { name: /^Мои/ }).waitFor();
  // The link works once.
  const other = await stranger(browser, { refusals: [401, 404, 410] });
  await other.page.goto(link);
  await other.page.getByText('Ссылка больше не действует').waitFor();
  await other.end();
  await igor.end();
});

test('the log-in page says what is wrong and lets in who is right', async () => {
  const guest = await stranger(browser, { refusals: [401] });
  await guest.page.goto(`${okno.url}/contacts`);
  await guest.page.getByRole('button', { name: 'Войти' }).click();
  await guest.page.getByText('Введите почту').waitFor();
  await login(guest, 'olga@dub.example', 'не тот пароль');
  await guest.page.getByRole('alert').filter({ hasText: 'Почта или пароль не подходят' }).waitFor();
  assert.equal(await guest.page.getByLabel('Пароль').inputValue(), '');
  await login(guest, 'olga@dub.example', password);
  // Back where the visitor wanted to be.
  await guest.page.waitForURL(`${okno.url}/contacts`);
  await guest.end();
  await owner.end();
});
