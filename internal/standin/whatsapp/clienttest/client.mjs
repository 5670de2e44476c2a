// An independent client of the Cloud API talks to the stand-in: every kind of
// message out, media both ways, templates, read receipts, errors, and
// webhooks verified and understood by the client's own code.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { WhatsAppClient, GraphApiError } from "@kapso/whatsapp-cloud-api";
import { normalizeWebhook, verifySignature } from "@kapso/whatsapp-cloud-api/server";

const base = process.argv[2];
const account = await (await fetch(`${base}/_control/account`)).json();
const phoneNumberId = account.phone_number_id;
const businessAccountId = account.waba_id;
const to = "79005556677";
const userID = `RU.${to}`;
const client = new WhatsAppClient({ accessToken: account.token, baseUrl: base, graphVersion: "v23.0" });

async function control(action, body = {}) {
  const response = await fetch(`${base}/_control/${action}`, { method: "POST", body: JSON.stringify(body) });
  const answer = await response.json();
  assert.equal(response.status, 200, `${action}: ${JSON.stringify(answer)}`);
  return answer;
}

// The webhook: the handshake, then signed notifications.
const received = [];
let arrived = () => {};
const hook = createServer((request, response) => {
  const url = new URL(request.url, "http://localhost");
  if (request.method === "GET") {
    assert.equal(url.searchParams.get("hub.verify_token"), "shared");
    response.end(url.searchParams.get("hub.challenge"));
    return;
  }
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const rawBody = Buffer.concat(chunks);
    const signatureHeader = request.headers["x-hub-signature-256"];
    assert.ok(verifySignature({ appSecret: account.app_secret, rawBody, signatureHeader }), "signature");
    assert.ok(!verifySignature({ appSecret: "other", rawBody, signatureHeader }), "signature with another secret");
    received.push(normalizeWebhook(JSON.parse(rawBody.toString())));
    response.end();
    arrived();
  });
});
await new Promise((resolve) => hook.listen(0, "127.0.0.1", resolve));

async function waitFor(what, find) {
  const deadline = Date.now() + 10_000;
  for (;;) {
    for (const notification of received) {
      const hit = find(notification);
      if (hit) return hit;
    }
    assert.ok(Date.now() < deadline, `nothing came for: ${what}`);
    await new Promise((resolve) => {
      arrived = resolve;
      setTimeout(resolve, 50);
    });
  }
}

const message = (id) => waitFor(`message ${id}`, (n) => n.messages.find((m) => m.id === id));
const status = (id, state) => waitFor(`${state} of ${id}`, (n) => n.statuses.find((s) => s.id === id && s.status === state));

try {
  const subscribed = await client.request("POST", `${phoneNumberId}`, {
    body: {
      webhook_configuration: {
        override_callback_uri: `http://127.0.0.1:${hook.address().port}/hook`,
        verify_token: "shared",
      },
    },
    responseType: "json",
  });
  assert.equal(subscribed.success, true);
  await client.request("POST", `${businessAccountId}/subscribed_apps`, { responseType: "json" });

  // A customer writes; the client understands it.
  const { id: first } = await control("send_text", { from: to, text: "Здравствуйте, «окно» 👋" });
  const text = await message(first);
  assert.equal(text.text.body, "Здравствуйте, «окно» 👋");
  assert.equal(text.fromUserId, userID);

  const { id: voiceID } = await control("send_media", {
    from: to,
    file: { kind: "voice", data: Buffer.from("OggS voice").toString("base64") },
  });
  const voice = await message(voiceID);
  assert.equal(voice.audio.voice, true);
  const bytes = Buffer.from(await client.media.download({ mediaId: voice.audio.id, phoneNumberId, auth: "always" }));
  assert.equal(bytes.toString(), "OggS voice");

  // Every kind goes out.
  const png = Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.alloc(64)]);
  const upload = async (type, name) =>
    (await client.media.upload({ phoneNumberId, type, file: new Blob([png], { type }), fileName: name })).id;
  const image = { id: await upload("image/png", "a.png"), caption: "вот" };
  const sends = {
    text: () => client.messages.sendText({ phoneNumberId, to, body: "Добрый день", contextMessageId: first }),
    scoped: () => client.messages.sendText({ phoneNumberId, recipient: userID, body: "по идентификатору" }),
    image: () => client.messages.sendImage({ phoneNumberId, to, image }),
    video: async () => client.messages.sendVideo({ phoneNumberId, to, video: { id: await upload("video/mp4", "a.mp4") } }),
    document: async () =>
      client.messages.sendDocument({
        phoneNumberId,
        to,
        document: { id: await upload("application/pdf", "a.pdf"), filename: "Счёт.pdf" },
      }),
    sticker: async () => client.messages.sendSticker({ phoneNumberId, to, sticker: { id: await upload("image/webp", "a.webp") } }),
    location: () => client.messages.sendLocation({ phoneNumberId, to, location: { latitude: 55.75, longitude: 37.61, name: "Офис" } }),
    contacts: () =>
      client.messages.sendContacts({
        phoneNumberId,
        to,
        contacts: [{ name: { formattedName: "Иван", firstName: "Иван" }, phones: [{ phone: "+79001112233" }] }],
      }),
    reaction: () => client.messages.sendReaction({ phoneNumberId, to, reaction: { messageId: first, emoji: "👍" } }),
    buttons: () =>
      client.messages.sendInteractiveButtons({
        phoneNumberId,
        to,
        bodyText: "Вам подходит?",
        buttons: [
          { id: "yes", title: "Да" },
          { id: "no", title: "Нет" },
        ],
      }),
    list: () =>
      client.messages.sendInteractiveList({
        phoneNumberId,
        to,
        bodyText: "Выберите",
        buttonText: "Открыть",
        sections: [{ title: "Время", rows: [{ id: "t1", title: "10:00" }, { id: "t2", title: "11:00" }] }],
      }),
    link: () =>
      client.messages.sendInteractiveCtaUrl({
        phoneNumberId,
        to,
        bodyText: "Сайт",
        parameters: { displayText: "Открыть", url: "https://shop.example/" },
      }),
    template: () =>
      client.messages.sendTemplate({
        phoneNumberId,
        to,
        template: {
          name: "appointment",
          language: { code: "ru" },
          components: [
            {
              type: "body",
              parameters: [
                { type: "text", parameter_name: "name", text: "Ирина" },
                { type: "text", parameter_name: "date", text: "завтра" },
              ],
            },
          ],
        },
      }),
  };
  const ids = {};
  for (const [kind, send] of Object.entries(sends)) {
    const answer = await send();
    ids[kind] = answer.messages[0].id;
    assert.match(ids[kind], /^wamid\./, kind);
  }
  await status(ids.text, "sent");
  await status(ids.text, "delivered");
  await control("read", { customer: to });
  await status(ids.text, "read");

  // Presses come back as the client expects them.
  const { id: press } = await control("press_button", { from: to, message_id: ids.buttons, button_id: "yes" });
  assert.equal((await message(press)).interactive.buttonReply.id, "yes");
  const { id: choice } = await control("press_button", { from: to, message_id: ids.list, button_id: "t2" });
  assert.equal((await message(choice)).interactive.listReply.title, "11:00");

  assert.equal((await client.messages.markRead({ phoneNumberId, messageId: first, typingIndicator: { type: "text" } })).success, true);

  const templates = await client.templates.list({ businessAccountId, limit: 2 });
  assert.equal(templates.data.length, 2);
  const rest = await client.templates.list({ businessAccountId, limit: 100, after: templates.paging.cursors.after });
  assert.ok(rest.data.some((t) => t.name === "appointment"));

  // Refusals have the platform's codes.
  await control("advance", { seconds: 25 * 3600 });
  await assert.rejects(client.messages.sendText({ phoneNumberId, to, body: "поздно" }), (error) => {
    assert.ok(error instanceof GraphApiError, String(error));
    assert.equal(error.code, 131047);
    return true;
  });
  await control("fail", { method: "messages", status: 429, code: 130429, retry_after: 3 });
  await assert.rejects(client.messages.sendText({ phoneNumberId, to, body: "часто" }), (error) => error.code === 130429);
  const stranger = new WhatsAppClient({ accessToken: "wrong", baseUrl: base, graphVersion: "v23.0" });
  await assert.rejects(stranger.messages.sendText({ phoneNumberId, to, body: "x" }), (error) => error.code === 190);

  const violations = await (await fetch(`${base}/_control/violations`)).json();
  assert.deepEqual(violations, []);
  console.log(`ok: ${Object.keys(ids).length} kinds sent, ${received.length} notifications understood`);
} finally {
  hook.closeAllConnections();
  hook.close();
}
