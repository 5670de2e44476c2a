// An independent client of the Bot API talks to the stand-in: updates by long
// polling and by webhook understood by the client's own code, every kind of
// message out, uploads, downloads, edits, reactions and errors.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { Bot, GrammyError, InlineKeyboard, InputFile, InputMediaBuilder, Keyboard, webhookCallback } from "grammy";

const base = process.argv[2];
const account = await (await fetch(`${base}/_control/account`)).json();
const customer = 501;
const allowed_updates = [
  "message", "edited_message", "business_connection", "business_message", "edited_business_message",
  "deleted_business_messages", "callback_query", "message_reaction", "my_chat_member",
];
const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
const ogg = Buffer.concat([Buffer.from("OggS"), Buffer.alloc(24), Buffer.from("OpusHead"), Buffer.alloc(200)]);

async function control(action, body = {}) {
  const response = await fetch(`${base}/_control/${action}`, { method: "POST", body: JSON.stringify(body) });
  const answer = await response.json();
  assert.equal(response.status, 200, `${action}: ${JSON.stringify(answer)}`);
  return answer;
}

const seen = [];
let arrived = () => {};
function note(name, ctx) {
  seen.push({ name, ctx });
  arrived();
}
async function waitFor(name, find = () => true) {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const at = seen.findIndex((s) => s.name === name && find(s.ctx));
    if (at >= 0) return seen.splice(at, 1)[0].ctx;
    assert.ok(Date.now() < deadline, `nothing came for: ${name}; there is ${seen.map((s) => s.name)}`);
    await new Promise((resolve) => {
      arrived = resolve;
      setTimeout(resolve, 50);
    });
  }
}

function listen(bot) {
  bot.command("start", (ctx) => note(`start ${ctx.match}`, ctx));
  for (const filter of [
    "message:text", "message:photo", "message:voice", "message:video", "message:video_note", "message:audio", "message:document",
    "message:animation", "message:sticker", "message:location", "message:venue", "message:contact", "message:migrate_to_chat_id",
    "edited_message:text", "business_message:text", "edited_business_message:text", "deleted_business_messages", "business_connection",
    "callback_query:data", "message_reaction", "my_chat_member",
  ]) {
    bot.on(filter, async (ctx, next) => {
      note(filter, ctx);
      await next();
    });
  }
  bot.catch((err) => {
    throw err.error;
  });
}

const bot = new Bot(account.token, { client: { apiRoot: base } });
listen(bot);
await bot.init();
assert.equal(bot.botInfo.username, account.username);

// Long polling, every kind of content in.
bot.start({ allowed_updates });
await control("start", { from: customer, payload: "ad_42" });
assert.equal((await waitFor("start ad_42")).chat.id, customer);
const first = await control("send_text", { from: customer, text: "Привет, мир", entities: [{ type: "bold", offset: 8, length: 3 }] });
const hello = await waitFor("message:text", (ctx) => ctx.message.message_id === first.id);
assert.deepEqual(hello.entities("bold").map((e) => e.text), ["мир"]);
for (const kind of ["photo", "voice", "video", "video_note", "audio", "document", "animation", "sticker"]) {
  const file = { kind, name: kind === "document" ? "счёт.pdf" : "", data: png.toString("base64"), emoji: "😀" };
  const sent = await control("send_media", { from: customer, file, caption: kind === "photo" ? "вот" : "" });
  const ctx = await waitFor(`message:${kind}`, (c) => c.message.message_id === sent.id);
  const info = await ctx.getFile();
  const got = await fetch(`${base}/file/bot${account.token}/${info.file_path}`);
  assert.equal(got.status, 200);
  assert.ok(Buffer.from(await got.arrayBuffer()).equals(png), kind);
}
const album = await control("send_album", {
  from: customer, caption: "два", files: [{ kind: "photo", data: png.toString("base64") }, { kind: "photo", data: png.toString("base64") }],
});
const a = await waitFor("message:photo", (c) => c.message.message_id === album.ids[0]);
const b = await waitFor("message:photo", (c) => c.message.message_id === album.ids[1]);
assert.equal(a.message.media_group_id, b.message.media_group_id);
await control("send_location", { from: customer, spot: { latitude: 55.75, longitude: 37.61, title: "Офис", address: "Тверская, 1" } });
assert.equal((await waitFor("message:venue")).message.venue.title, "Офис");
await control("add_customer", { id: customer, first_name: "Ирина", phone: "+79001112233", photo: png.toString("base64") });
await control("share_own_contact", { from: customer });
const card = await waitFor("message:contact");
assert.equal(card.message.contact.user_id, card.from.id);

// Out.
const api = bot.api;
const sent = await api.sendMessage(customer, "Здравствуйте", {
  entities: [{ type: "italic", offset: 0, length: 12 }],
  reply_parameters: { message_id: first.id, allow_sending_without_reply: true, quote: "мир" },
  reply_markup: new InlineKeyboard().text("Оператор", "op").url("Сайт", "https://example.com"),
});
assert.equal(sent.reply_to_message.message_id, first.id);
await control("press_button", { from: customer, message_id: sent.message_id, data: "op" });
await (await waitFor("callback_query:data", (c) => c.callbackQuery.data === "op")).answerCallbackQuery("Секунду");
await control("react", { from: customer, message_id: sent.message_id, emoji: "👍" });
assert.deepEqual((await waitFor("message_reaction")).reactions().emojiAdded, ["👍"]);
await api.sendMessage(customer, "Телефон?", { reply_markup: new Keyboard().requestContact("Отправить").oneTime() });
const photo = await api.sendPhoto(customer, new InputFile(png, "a.png"), { caption: "фото" });
assert.ok(photo.photo.length > 0);
assert.ok((await api.sendVoice(customer, new InputFile(ogg, "voice.ogg"), { duration: 2 })).voice);
assert.equal((await api.sendDocument(customer, new InputFile(png, "чек.bin"))).document.file_name, "чек.bin");
assert.ok((await api.sendVideo(customer, new InputFile(png, "v.mp4"))).video);
assert.ok((await api.sendAudio(customer, new InputFile(png, "m.mp3"))).audio);
assert.ok((await api.sendAnimation(customer, new InputFile(png, "g.gif"))).animation);
assert.ok((await api.sendSticker(customer, new InputFile(png, "s.webp"))).sticker);
assert.equal((await api.sendMediaGroup(customer, [
  InputMediaBuilder.photo(new InputFile(png, "1.png"), { caption: "раз" }), InputMediaBuilder.photo(new InputFile(png, "2.png")),
])).length, 2);
await api.sendLocation(customer, 55.75, 37.61);
await api.sendVenue(customer, 55.75, 37.61, "Офис", "Тверская, 1");
await api.sendContact(customer, "+74951234567", "Офис");
await api.sendChatAction(customer, "typing");
await api.editMessageText(customer, sent.message_id, "Добрый день");
await api.editMessageCaption(customer, photo.message_id, { caption: "другое" });
await api.editMessageReplyMarkup(customer, sent.message_id, { reply_markup: new InlineKeyboard().text("Ок", "ok") });
await api.setMessageReaction(customer, first.id, [{ type: "emoji", emoji: "❤" }]);
await api.deleteMessage(customer, photo.message_id);
await api.deleteMessages(customer, [sent.message_id]);
assert.equal((await api.getUserProfilePhotos(customer)).total_count, 1);
assert.equal((await api.getChat(customer)).first_name, "Ирина");

async function refused(code, promise) {
  const error = await promise.then(() => null, (e) => e);
  assert.ok(error instanceof GrammyError, `want error ${code}, got ${error}`);
  assert.equal(error.error_code, code);
  return error;
}
await refused(400, api.sendMessage(999999, "?"));
await refused(400, api.sendMessage(customer, "x".repeat(4097)));
await control("fail", { method: "sendMessage", code: 429, description: "Too Many Requests: retry after 1", retry_after: 1 });
assert.equal((await refused(429, api.sendMessage(customer, "?"))).parameters.retry_after, 1);
await control("clear_faults");
await control("block", { from: customer });
assert.equal((await waitFor("my_chat_member")).myChatMember.new_chat_member.status, "kicked");
await refused(403, api.sendMessage(customer, "?"));
await control("unblock", { from: customer });
await control("edit_text", { from: customer, message_id: first.id, text: "исправлено" });
assert.equal((await waitFor("edited_message:text")).editedMessage.text, "исправлено");

// Business account.
await control("connect", { id: "bc_9x", owner_id: 77, can_reply: true });
assert.ok((await waitFor("business_connection")).businessConnection.is_enabled);
const asked = await control("send_text", { from: 601, business: "bc_9x", text: "Цена?" });
const question = await waitFor("business_message:text", (c) => c.businessMessage.message_id === asked.id);
await question.reply("100 ₽");
assert.equal((await waitFor("business_message:text", (c) => c.businessMessage.sender_business_bot)).businessMessage.text, "100 ₽");
await api.raw.readBusinessMessage({ business_connection_id: "bc_9x", chat_id: 601, message_id: asked.id });
await control("delete", { from: 601, business: "bc_9x", message_id: asked.id });
assert.deepEqual((await waitFor("deleted_business_messages")).deletedBusinessMessages.message_ids, [asked.id]);
assert.ok((await api.getBusinessConnection("bc_9x")).rights.can_reply);

// Groups.
await control("add_group", { id: -5, title: "Опт" });
await control("send_text", { from: customer, chat: -5, text: "в группе" });
await waitFor("message:text", (c) => c.chat.id === -5);
await control("migrate", { chat: -5, to: -1005 });
assert.equal((await waitFor("message:migrate_to_chat_id")).message.migrate_to_chat_id, -1005);
assert.equal((await refused(400, api.sendMessage(-5, "?"))).parameters.migrate_to_chat_id, -1005);
await bot.stop();

// Webhook.
const second = new Bot(account.token, { client: { apiRoot: base } });
listen(second);
const handle = webhookCallback(second, "http", { secretToken: "s3cret" });
const server = createServer(handle);
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
await second.api.setWebhook(`http://127.0.0.1:${server.address().port}/`, { secret_token: "s3cret", allowed_updates });
await refused(409, second.api.getUpdates());
await control("send_text", { from: customer, text: "по вебхуку" });
assert.equal((await waitFor("message:text", (c) => c.chat.id === customer)).message.text, "по вебхуку");
const info = await second.api.getWebhookInfo();
assert.deepEqual(info.allowed_updates, allowed_updates);
await second.api.deleteWebhook();
server.closeAllConnections();
server.close();

assert.deepEqual(await (await fetch(`${base}/_control/violations`)).json(), []);
console.log(`grammY: ${(await (await fetch(`${base}/_control/ledger`)).json()).length} messages, no violation`);
process.exit(0);
