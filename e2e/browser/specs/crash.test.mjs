// The server dies in the middle of a conversation and comes back: nothing is lost, nothing is there twice.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { anna, startOkno } from '../okno.mjs';
import { agent, customer, openBrowser } from '../people.mjs';
import { until } from '../until.mjs';

let okno, browser, me, visitor;
const question = 'Можно оформить возврат?';

before(async () => {
  okno = await startOkno();
  browser = await openBrowser();
  me = await agent(browser, okno, anna);
  visitor = await customer(browser, okno);
  await visitor.open();
  await visitor.say(question);
  await visitor.introduce('Семён Грозов', '+7 916 555-05-06');
  await me.tab('Все');
  await me.open(question);
});
after(async () => {
  await browser?.close();
  await okno?.end();
});

const said = (who, n) => Array.from({ length: n }, (_, i) => `${who} говорит ${i + 1}`);

test('both write while the server is killed and started again', async () => {
  const banner = me.page.getByText('Нет связи с сервером');
  const theirs = said('Клиент', 6);
  const ours = said('Оператор', 6);
  for (let i = 0; i < 6; i++) {
    if (i === 2) await okno.kill();
    await visitor.say(theirs[i]);
    await me.say(ours[i]);
  }
  await banner.waitFor();
  await visitor.frame.getByText('Нет связи').waitFor();
  await okno.start();
  await banner.waitFor({ state: 'detached' });
  await visitor.frame.getByText('Нет связи').waitFor({ state: 'detached' });
  const expected = [...theirs, ...ours].sort();
  const inWorkspace = async () => (await me.page.locator('[id^=item-]').allInnerTexts()).join('\n').match(/(Клиент|Оператор) говорит \d/g)?.sort();
  const inWidget = async () => (await visitor.frame.locator('.bubble .text').allInnerTexts()).filter((t) => / говорит /.test(t)).sort();
  for (const [where, look] of [['workspace', inWorkspace], ['widget', inWidget]]) {
    let seen;
    // What is missing says more than that something is.
    await until(`all of it is in the ${where}`, async () => (seen = await look())?.length >= expected.length).catch(() => {});
    assert.deepEqual(seen, expected, where);
  }
  // Nobody waits any more.
  await until('all is sent', async () => (await visitor.frame.locator('.state.waiting').count()) === 0);
  await until('all is delivered', async () => (await me.page.getByRole('img', { name: /^(В очереди|Отправляется)$/ }).count()) === 0);
});

test('a reload shows the same', async () => {
  await me.page.reload();
  await me.items('Оператор говорит 6').waitFor();
  await until('the timeline is there', async () => (await me.page.locator('[id^=item-]').filter({ hasText: 'говорит' }).count()) >= 12);
  for (const text of [...said('Клиент', 6), ...said('Оператор', 6)]) assert.equal(await me.items(text).count(), 1, text);
  await visitor.page.reload();
  await visitor.open();
  await visitor.bubbles('Оператор говорит 6').waitFor();
  for (const text of [...said('Клиент', 6), ...said('Оператор', 6)]) assert.equal(await visitor.bubbles(text).count(), 1, text);
  await me.end();
  await visitor.end();
});
