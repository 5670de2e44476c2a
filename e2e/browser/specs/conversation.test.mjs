// A customer on the shop's page and an agent talk, and everything is there at once on both sides.
import assert from 'node:assert/strict';
import { picture, upload } from '../files.mjs';
import { anna, startOkno } from '../okno.mjs';
import { agent, customer, openBrowser } from '../people.mjs';
import { before, test } from '../scene.mjs';
import { until } from '../until.mjs';

let me, visitor;
const question = 'Здравствуйте! Привезёте кофемашину в Тулу?';

before(async () => {
  const okno = await startOkno();
  const browser = await openBrowser();
  me = await agent(browser, okno, anna);
  visitor = await customer(browser, okno);
});

test('a customer writes in the widget and appears in the list without a reload', async () => {
  await me.tab('Все');
  await visitor.open();
  await visitor.say(question);
  await visitor.introduce('Полина Зайцева', '+7 916 555-01-02');
  await me.row(question).waitFor();
  await me.open(question);
  await me.items(question).waitFor();
});

test('typing and answers go both ways', async () => {
  await visitor.box.pressSequentially('И сколько', { delay: 60 });
  await me.timeline.getByText('печатает…').first().waitFor();
  await visitor.box.fill('');
  await until('the agent may answer', () => me.box.isEnabled());
  await me.box.pressSequentially('Конечно', { delay: 60 });
  await visitor.frame.locator('.typing').waitFor();
  await me.say('Конечно! Доставка в Тулу за два дня.');
  await visitor.bubbles('Доставка в Тулу').waitFor();
  await visitor.say('Спасибо!');
  await me.items('Спасибо!').waitFor();
});

test('both see that they were read', async () => {
  await visitor.bubbles('Спасибо!').locator('.readState').waitFor();
  await me.items('Доставка в Тулу').getByRole('img', { name: 'Прочитано' }).waitFor();
});

test('pictures go both ways', async () => {
  await visitor.frame.locator('input[type=file]').setInputFiles(upload('кухня.png', 'image/png', picture(640, 420)));
  await visitor.say('Вот моя кухня');
  await me.sees(me.items('Вот моя кухня').getByRole('button', { name: /^Открыть/ }).locator('img'));
  await me.say('А вот машина', upload('машина.png', 'image/png', picture(480, 480)));
  const shown = visitor.bubbles('А вот машина').locator('.pic img');
  await until('the customer sees the picture', () => shown.evaluate((img) => img.naturalWidth > 0));
});

test('a voice message is recorded and can be played by the customer', async () => {
  await me.record();
  await me.timeline.getByRole('slider', { name: 'Место в записи' }).waitFor();
  const voice = visitor.frame.locator('.row.theirs .voice');
  await voice.waitFor();
  const moved = () => voice.locator('.wave rect.on').count();
  await voice.getByRole('button', { name: 'Воспроизвести' }).click();
  await until('it sounds', moved);
});

test('an edit and a deletion reach the customer', async () => {
  await me.say('Стоимость 400 рублей');
  await visitor.bubbles('Стоимость 400').waitFor();
  await me.choose('Стоимость 400', 'Изменить');
  await me.page.getByText('Изменение сообщения').waitFor();
  await me.say('Стоимость 500 рублей');
  await visitor.bubbles('Стоимость 500').getByText('изменено').waitFor();
  await me.choose('Стоимость 500', 'Удалить', 'Точно удалить у клиента?');
  await visitor.frame.getByText('Сообщение удалено').waitFor();
  assert.equal(await visitor.bubbles('Стоимость').count(), 0);
  await me.timeline.getByText('Сообщение удалено').first().waitFor();
});

test('neither page broke meanwhile', async () => {
  await me.end();
  await visitor.end();
});
