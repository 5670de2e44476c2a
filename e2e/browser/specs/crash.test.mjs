// The server dies in the middle of a conversation and comes back: nothing is lost, nothing is there twice.
import assert from 'node:assert/strict';
import { anna, startOkno } from '../okno.mjs';
import { agent, customer, openBrowser } from '../people.mjs';
import { before, test } from '../scene.mjs';
import { until } from '../until.mjs';

let okno, me, visitor;
const question = 'Можно оформить возврат?';

before(async () => {
  okno = await startOkno();
  const browser = await openBrowser();
  me = await agent(browser, okno, anna, { cuts: true });
  visitor = await customer(browser, okno, { cuts: true });
  await visitor.open();
  await visitor.say(question);
  await visitor.introduce('Семён Грозов', '+7 916 555-05-06');
  await me.tab('Все');
  await me.open(question);
});

const words = (who, n) => `${who} говорит ${n}`;
const inWorkspace = async () => (await me.page.locator('[id^=item-]').allInnerTexts()).join('\n').match(/(Клиент|Оператор) говорит \d+/g) ?? [];
const inWidget = async () => (await visitor.frame.locator('.bubble .text').allInnerTexts()).filter((t) => / говорит /.test(t));
let said = 0;

/** Both say something, one after the other. */
async function talk(times) {
  for (let i = 0; i < times; i++) {
    said++;
    await visitor.say(words('Клиент', said));
    await me.say(words('Оператор', said));
  }
}

/** Each side has every word once, and each speaker's in order. */
async function complete() {
  const by = (who) => Array.from({ length: said }, (_, i) => words(who, i + 1));
  for (const [where, look] of [['workspace', inWorkspace], ['widget', inWidget]]) {
    let seen;
    // What is missing says more than that something is.
    await until(`all of it is in the ${where}`, async () => (seen = await look()).length >= 2 * said).catch(() => undefined);
    for (const who of ['Клиент', 'Оператор']) assert.deepEqual(seen.filter((t) => t.startsWith(who)), by(who), where);
  }
  // Nobody waits any more.
  await until('all is sent', async () => (await visitor.frame.locator('.state.waiting').count()) === 0);
  await until('all is delivered', async () => (await me.page.getByRole('img', { name: /^(В очереди|Отправляется)$/ }).count()) === 0);
}

for (const round of [1, 2])
  test(`both write while the server is killed and started again, ${round}`, async () => {
    const banners = [me.page.getByText('Нет связи с сервером'), visitor.frame.getByText('Нет связи')];
    await talk(1);
    // In the first round everything before is through; in the second the last words may be on their way.
    if (round === 1) await complete();
    await okno.kill();
    await talk(2);
    for (const banner of banners) await banner.waitFor();
    await okno.start();
    for (const banner of banners) await banner.waitFor({ state: 'detached' });
    await talk(1);
    await complete();
  });

test('a reload shows the same', async () => {
  await me.page.reload();
  await me.items(words('Оператор', said)).waitFor();
  await visitor.page.reload();
  await visitor.open();
  await visitor.bubbles(words('Оператор', said)).waitFor();
  await complete();
  await me.end();
  await visitor.end();
});
