// Photographs the demo company for the documentation, after a little staging:
//   node screens.mjs ../../docs/screens
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { anna, startOkno } from './okno.mjs';
import { agent, customer, openBrowser, settled } from './people.mjs';
import { clean } from './scene.mjs';

const folder = resolve(process.argv[2] ?? 'screens');
await mkdir(folder, { recursive: true });

/** A conversation that went through several channels and can still be answered. */
async function interesting(me) {
  for (let cursor = ''; ; ) {
    const { items, next } = await me.call('GET', `/conversations?scope=all&status=any&limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    const hit = items.find((c) => c.channel_kinds.length > 1 && c.channel_kinds.includes('webchat'));
    if (hit || !next) return hit ?? items[0];
    cursor = next;
  }
}

/** Opens the conversation in a look and photographs it with an answer half written. */
async function workspace(browser, okno, chosen, name, options, words) {
  const me = await agent(browser, okno, anna, options);
  const english = options.locale === 'en-US';
  await me.call('PATCH', '/me', { locale: english ? 'en' : 'ru' });
  await me.page.goto(`${okno.url}/c/${chosen.id}?scope=all`);
  await me.box.waitFor();
  await me.page.locator('[id^=item-]').first().waitFor();
  await me.box.fill(words);
  await settled(me.page);
  await me.page.screenshot({ path: join(folder, `${name}.png`) });
  await me.page.getByRole('button', { name: english ? /^Send/ : /^Отправить/ }).last().waitFor();
  return me;
}

try {
  const okno = await startOkno();
  const browser = await openBrowser();
  const me = await agent(browser, okno, anna);
  const chosen = await interesting(me);
  const { user } = await me.call('GET', '/me');
  await me.call('PATCH', `/conversations/${chosen.id}`, { status: 'open', assignee_id: user.id });
  await me.call('POST', `/conversations/${chosen.id}/messages`, {
    content: { text: 'Здравствуйте, Лариса! Обжариваем «Эфиопию» в понедельник. Собрать для вас вторую партию, 20 кг?' },
  });
  await me.call('POST', `/conversations/${chosen.id}/notes`, { text: 'Опт: скидка 12 % от 20 кг, отгрузка по вторникам.' });
  await me.end();
  const answer = 'Тогда отгрузим во вторник, счёт пришлю сегодня. Адрес прежний, Советская, 66?';
  for (const [name, options] of [
    ['workspace-light', {}],
    ['workspace-dark', { dark: true }],
    ['workspace-phone', { phone: true }],
  ])
    await (await workspace(browser, okno, chosen, name, options, answer)).end();
  await (await workspace(browser, okno, chosen, 'workspace-english', { locale: 'en-US' }, 'We ship on Tuesday then, and I will send the invoice today. Same address?')).end();

  const admin = await agent(browser, okno, anna);
  await admin.call('PATCH', '/me', { locale: 'ru' });
  for (const [name, path, words] of [['channels', '/settings/channels', 'Сайт utro.example'], ['search', '/search?q=заказать', 'Сообщения']]) {
    await admin.page.goto(okno.url + path);
    await admin.page.getByText(words).first().waitFor();
    await settled(admin.page);
    await admin.page.screenshot({ path: join(folder, `${name}.png`) });
  }
  await admin.end();

  const visitor = await customer(browser, okno);
  await visitor.open();
  await visitor.say('Здравствуйте! Посоветуйте зерно для эспрессо, без кислинки');
  await visitor.introduce('Мария Ветрова', '+7 916 555-07-08');
  const seller = await agent(browser, okno, anna);
  await seller.tab('Все');
  await seller.open('без кислинки');
  await seller.say('Здравствуйте, Мария! Возьмите смесь «Будни»: карамель и какао, кислинки почти нет.');
  await visitor.bubbles('карамель и какао').waitFor();
  await visitor.say('Отлично, килограмм в зёрнах');
  await visitor.bubbles('килограмм').locator('.state.sent, .readState').first().waitFor();
  await settled(visitor.page);
  await visitor.page.screenshot({ path: join(folder, 'widget.png') });
  await seller.end();
  await visitor.end();
} finally {
  await clean();
}
