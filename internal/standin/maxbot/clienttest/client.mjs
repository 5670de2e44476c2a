// The vendor's own client of the MAX Bot API talks to the stand-in: every
// kind of message out, files in three steps, edits, answers, errors, and
// updates understood by the client's own webhook and long polling.
import assert from "node:assert/strict";
import { createReadStream, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Bot, Keyboard, LocationAttachment, MaxError, StickerAttachment } from "@maxhub/max-bot-api";

const base = process.argv[2];
const account = await (await fetch(`${base}/_control/account`)).json();
const user = 501;
const secret = "shared_secret-1";
const bot = new Bot(account.token, { clientOptions: { baseUrl: base } });
const { api } = bot;

async function control(action, body = {}) {
  const response = await fetch(`${base}/_control/${action}`, { method: "POST", body: JSON.stringify(body) });
  const answer = await response.json();
  assert.equal(response.status, 200, `${action}: ${JSON.stringify(answer)}`);
  return answer;
}

// Everything the client's own dispatcher makes of what comes in.
const received = [];
let arrived = () => {};
bot.use(async (ctx, next) => {
  received.push({
    type: ctx.updateType,
    chat: ctx.chatId,
    text: ctx.message?.body?.text,
    id: ctx.messageId,
    payload: ctx.startPayload,
    ctx,
  });
  arrived();
  await next();
});
bot.catch((error) => {
  throw error;
});

async function waitFor(what, find) {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const hit = received.find(find);
    if (hit) return hit;
    assert.ok(Date.now() < deadline, `nothing came for: ${what}`);
    await new Promise((resolve) => {
      arrived = resolve;
      setTimeout(resolve, 50);
    });
  }
}

const hook = createServer(bot.webhookCallback({ domain: "bot.example", path: "/hook", secret }));
await new Promise((resolve) => hook.listen(0, "127.0.0.1", resolve));
const address = `http://127.0.0.1:${hook.address().port}/hook`;

try {
  bot.botInfo = await api.getMyInfo();
  assert.equal(bot.botInfo.username, account.username);

  await api.subscribe(address, secret, ["message_created", "message_edited", "message_removed", "message_callback", "bot_started"]);
  assert.equal((await api.getSubscriptions()).length, 1);

  // The customer comes through a link, writes, changes his mind.
  await control("start_bot", { from: user, payload: "campaign" });
  assert.equal((await waitFor("start", (u) => u.type === "bot_started")).payload, "campaign");
  const { id: first } = await control("send_text", {
    from: user,
    text: "Здравствуйте, «окно» 👋",
    markup: [{ type: "strong", from: 0, length: 12 }],
  });
  const text = await waitFor("text", (u) => u.id === first);
  assert.equal(text.text, "Здравствуйте, «окно» 👋");
  assert.equal(text.ctx.message.body.markup[0].type, "strong");
  await control("edit_message", { message_id: first, text: "Добрый день" });
  await waitFor("edit", (u) => u.type === "message_edited" && u.text === "Добрый день");
  const { id: shared } = await control("share_own_contact", { from: user });
  const contact = await waitFor("contact", (u) => u.id === shared);
  assert.equal(contact.ctx.contactInfo.tel, "79000000501");
  const { id: place } = await control("send_location", { from: user, latitude: 55.75, longitude: 37.61 });
  assert.equal((await waitFor("location", (u) => u.id === place)).ctx.location.latitude, 55.75);

  // Every kind goes out.
  const chat = text.chat;
  const png = Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.alloc(64)]);
  const path = join(tmpdir(), `okno-max-${process.pid}.mp4`);
  writeFileSync(path, Buffer.alloc(200_000, 7));
  const keyboard = Keyboard.inlineKeyboard([
    [Keyboard.button.callback("Да", "yes"), Keyboard.button.callback("Нет", "no")],
    [Keyboard.button.link("Сайт", "https://shop.example/")],
    [Keyboard.button.requestContact("Телефон"), Keyboard.button.requestGeoLocation("Где вы")],
  ]);
  const attach = async (attachment) => api.sendMessageToChat(chat, "", { attachments: [(await attachment).toJson()] });
  const sends = {
    text: () => api.sendMessageToChat(chat, "Добрый день", { link: { type: "reply", mid: first } }),
    markdown: () => api.sendMessageToUser(user, "**Жирно** и [сайт](https://a.example)", { format: "markdown" }),
    html: () => api.sendMessageToChat(chat, "<b>Жирно</b> &lt;и&gt; <i>косо</i>", { format: "html" }),
    keyboard: () => api.sendMessageToChat(chat, "Вам подходит?", { attachments: [keyboard] }),
    image: () => attach(api.uploadImage({ source: png })),
    video: () => attach(api.uploadVideo({ source: Buffer.from("video") })),
    stream: () => attach(api.uploadVideo({ source: createReadStream(path, { highWaterMark: 65_536 }) })),
    audio: () => attach(api.uploadAudio({ source: Buffer.from("audio") })),
    file: () => attach(api.uploadFile({ source: Buffer.from("pdf") })),
    location: () => attach(new LocationAttachment({ lat: 55.75, lon: 37.61 })),
    sticker: () => attach(new StickerAttachment({ code: "wave" })),
  };
  const ids = {};
  for (const [kind, send] of Object.entries(sends)) {
    const message = await send();
    ids[kind] = message.body.mid;
    assert.match(ids[kind], /^mid\.[0-9a-f]{32}$/, kind);
  }
  assert.equal((await api.getMessage(ids.markdown)).body.text, "Жирно и сайт");
  assert.equal((await api.getMessage(ids.html)).body.text, "Жирно <и> косо");
  assert.equal((await api.getMessages(chat, { count: 100 })).messages.length, Object.keys(ids).length + 3);

  // A press comes back and is answered with a change of the message.
  await control("press_button", { from: user, message_id: ids.keyboard, payload: "yes" });
  const press = await waitFor("press", (u) => u.type === "message_callback");
  assert.equal(press.ctx.callback.payload, "yes");
  await press.ctx.answerOnCallback({ message: { text: "Записали", attachments: [] }, notification: "Спасибо" });
  const answered = await (await fetch(`${base}/_control/pressed?name=${press.ctx.callback.callback_id}`)).json();
  assert.equal(answered.notification, "Спасибо");
  assert.equal((await api.getMessage(ids.keyboard)).body.text, "Записали");

  await api.editMessage(ids.text, { text: "Добрый вечер" });
  assert.equal((await api.getMessage(ids.text)).body.text, "Добрый вечер");
  await api.deleteMessage(ids.text);
  await assert.rejects(api.getMessage(ids.text), (error) => error instanceof MaxError && error.status === 404);
  assert.equal((await api.sendAction(chat, "typing_on")).success, true);
  assert.equal((await api.getChat(chat)).dialog_with_user.user_id, user);

  // Refusals have the platform's codes.
  await control("stop_bot", { from: user });
  await assert.rejects(api.sendMessageToChat(chat, "x"), (error) => error.status === 403 && error.code === "chat.denied");
  const stranger = new Bot("wrong", { clientOptions: { baseUrl: base } });
  await assert.rejects(stranger.api.getMyInfo(), (error) => error.code === "verify.token");

  // Without a webhook the client polls.
  await api.unsubscribe(address);
  const { id: polled } = await control("send_text", { from: user, text: "через опрос" });
  const polling = bot.startPolling({ retry: false });
  await waitFor("polled text", (u) => u.id === polled);
  bot.stopPolling();
  await polling;

  const violations = await (await fetch(`${base}/_control/violations`)).json();
  assert.deepEqual(violations, []);
  console.log(`ok: ${Object.keys(ids).length} kinds sent, ${received.length} updates understood`);
} finally {
  hook.closeAllConnections();
  hook.close();
}
