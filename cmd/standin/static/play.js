'use strict';

const texts = {
  en: {
    title: 'You are a customer in', who: 'Who', name: 'Name', send: 'Send', text: 'Message', photo: 'File…', voice: 'Voice…', location: 'Location', contact: 'Contact', phone: 'My number',
    react: '👍 to the chosen', edit: 'Edit the chosen', remove: 'Delete the chosen', start: 'Press Start', block: 'Block', unblock: 'Unblock', choose: 'Choose a message first.',
    empty: 'Nothing was said yet. Choose a message by a click to react to it, edit or delete it.', faults: 'The next answer to Okno:', wait: '429, wait 5 s', broken: '500', hang: 'no answer', lost: 'sent, answer lost', clear: 'all well again',
    edited: 'edited', chosen: 'New text',
  },
  ru: {
    title: 'Вы клиент в', who: 'Кто', name: 'Имя', send: 'Отправить', text: 'Сообщение', photo: 'Файл…', voice: 'Голосовое…', location: 'Место', contact: 'Контакт', phone: 'Мой номер',
    react: '👍 на выбранное', edit: 'Изменить выбранное', remove: 'Удалить выбранное', start: 'Нажать «Старт»', block: 'Заблокировать', unblock: 'Разблокировать', choose: 'Сначала выберите сообщение.',
    empty: 'Пока ничего не сказано. Нажмите на сообщение, чтобы отреагировать, изменить или удалить его.', faults: 'Следующий ответ для Okno:', wait: '429, ждать 5 с', broken: '500', hang: 'без ответа', lost: 'отправлено, ответ потерян', clear: 'всё исправно',
    edited: 'изменено', chosen: 'Новый текст',
  },
};
const language = navigator.language.startsWith('ru') ? 'ru' : 'en';
const t = (key) => texts[language][key] ?? key;
const $ = (id) => document.getElementById(id);

let kind = '';
let chosen = null;
let seen = '';

// What each platform calls the same deeds.
const spot = { latitude: 55.75945, longitude: 37.64588 };
const phone = () => (kind === 'whatsapp' ? $('who').value : '+79005550101');
const from = () => (kind === 'whatsapp' ? $('who').value.replace(/\D/g, '') : Number($('who').value));
const deeds = {
  telegram: {
    people: () => ['add_customer', { id: from(), first_name: $('name').value, phone: phone() }],
    text: (text) => ['send_text', { from: from(), text }],
    file: (f) => ['send_media', { from: from(), file: f }],
    location: () => ['send_location', { from: from(), spot }],
    contact: () => ['send_contact', { from: from(), card: { phone: '+79161234567', first_name: 'Пётр' } }],
    phone: () => ['share_own_contact', { from: from() }],
    start: () => ['start', { from: from(), payload: 'qr' }],
    react: (m) => ['react', { from: from(), message_id: m.id, emoji: '👍' }],
    edit: (m, text) => ['edit_text', { from: from(), message_id: m.id, text }],
    remove: (m) => ['delete', { from: from(), message_id: m.id }],
    press: (m, b) => ['press_button', { from: from(), message_id: m.id, data: b.data }],
    block: () => ['block', { from: from() }],
    unblock: () => ['unblock', { from: from() }],
    list: () => `messages?key=${from()}`,
    status: (n) => ({ code: n }), method: '', image: 'photo',
  },
  whatsapp: {
    people: () => ['add_customer', { phone: from(), name: $('name').value }],
    text: (text) => ['send_text', { from: from(), text }],
    file: (f) => ['send_media', { from: from(), file: f }],
    location: () => ['send_location', { from: from(), place: spot }],
    contact: () => ['send_contact', { from: from(), name: 'Пётр', phone: '+79161234567' }],
    phone: () => ['share_own_number', { from: from(), phone: phone() }],
    react: (m) => ['react', { from: from(), message_id: m.id, emoji: '👍' }],
    press: (m, b) => ['press_button', { from: from(), message_id: m.id, button_id: b.data }],
    block: () => ['block', { customer: from() }],
    unblock: () => ['unblock', { customer: from() }],
    list: () => `messages?customer=${from()}`,
    status: (n) => ({ status: n, code: n === 429 ? 130429 : 131000 }), method: 'messages', image: 'image',
  },
  max: {
    people: () => ['add_customer', { id: from(), first_name: $('name').value, phone: phone() }],
    text: (text) => ['send_text', { from: from(), text }],
    file: (f) => (f.kind === 'voice' ? ['send_voice', { from: from() }] : ['send_files', { from: from(), files: [{ ...f, kind: f.kind === 'document' ? 'file' : f.kind }] }]),
    location: () => ['send_location', { from: from(), ...spot }],
    contact: () => ['send_contact', { from: from(), name: 'Пётр', phone: '+79161234567' }],
    phone: () => ['share_own_contact', { from: from() }],
    start: () => ['start_bot', { from: from(), payload: 'qr' }],
    edit: (m, text) => ['edit_message', { message_id: m.id, text }],
    remove: (m) => ['remove_message', { message_id: m.id }],
    press: (m, b) => ['press_button', { from: from(), message_id: m.id, payload: b.data }],
    block: () => ['stop_bot', { from: from() }],
    unblock: () => ['start_bot', { from: from() }],
    list: () => `messages?user=${from()}`,
    status: (n) => ({ status: n }), method: 'send', image: 'image',
  },
};

async function call(action, body) {
  const answer = await fetch(`/_control/${action}`, body ? { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) } : {});
  const out = await answer.json();
  if (!answer.ok) throw new Error(out.error ?? answer.statusText);
  return out;
}

async function act([action, body]) {
  try {
    $('problem').textContent = '';
    await call(...deeds[kind].people());
    await call(action, body);
    await refresh();
  } catch (e) {
    $('problem').textContent = e.message;
  }
}

function buttonsOf(m) {
  const rows = m.keyboard?.inline_keyboard
    ?? m.attachments?.find((a) => a.type === 'inline_keyboard')?.payload?.buttons
    ?? [(m.body?.interactive?.action?.buttons ?? []).map((b) => b.reply), ...(m.body?.interactive?.action?.sections ?? []).map((s) => s.rows)];
  return rows.flat().filter(Boolean).map((b) => ({ text: b.text ?? b.title, data: b.callback_data ?? b.payload ?? b.id })).filter((b) => b.data !== undefined);
}

const ours = (m) => (kind === 'telegram' ? !m.bot : kind === 'whatsapp' ? !m.business : String(m.from) === String(from()));

function show(m) {
  const box = document.createElement('div');
  box.className = `message${ours(m) ? ' own' : ''}${m.deleted || m.removed ? ' gone' : ''}`;
  box.setAttribute('role', 'button');
  box.tabIndex = 0;
  box.setAttribute('aria-pressed', String(chosen?.id === m.id));
  box.append(m.text || `[${m.type ?? (m.attachments ?? []).map((a) => a.type).join(', ')}]`);
  const notes = [m.text && m.type !== 'text' ? m.type : '', m.reaction, m.status, m.edited || m.edits ? t('edited') : ''].filter(Boolean);
  if (notes.length) box.append(Object.assign(document.createElement('small'), { textContent: notes.join(' · ') }));
  const pick = () => { chosen = m; seen = ''; refresh(); };
  box.addEventListener('click', pick);
  box.addEventListener('keydown', (e) => { if (e.key === 'Enter' && e.target === box) pick(); });
  if (!ours(m)) {
    for (const b of buttonsOf(m)) {
      const button = Object.assign(document.createElement('button'), { type: 'button', textContent: b.text });
      button.addEventListener('click', (e) => { e.stopPropagation(); act(deeds[kind].press(m, b)); });
      box.append(button);
    }
  }
  return box;
}

async function refresh() {
  let list;
  try {
    list = (await call(deeds[kind].list())) ?? [];
  } catch {
    return; // the next look may succeed
  }
  const now = JSON.stringify(list) + (chosen?.id ?? '') + from();
  if (now === seen) return;
  seen = now;
  $('chat').replaceChildren(...(list.length ? list.map(show) : [Object.assign(document.createElement('p'), { textContent: t('empty') })]));
  $('chat').scrollTop = $('chat').scrollHeight;
}

async function sendFile(file, voice) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = '';
  for (let i = 0; i < bytes.length; i += 32768) binary += String.fromCharCode(...bytes.subarray(i, i + 32768));
  const group = file.type.split('/')[0];
  const is = voice ? 'voice' : group === 'image' ? deeds[kind].image : group === 'video' || group === 'audio' ? group : 'document';
  await act(deeds[kind].file({ kind: is, name: file.name, mime: file.type || 'application/octet-stream', data: btoa(binary) }));
}

function choose(voice) {
  const input = $('file');
  input.accept = voice ? 'audio/ogg' : '';
  input.onchange = () => { if (input.files[0]) sendFile(input.files[0], voice); input.value = ''; };
  input.click();
}

function add(where, key, deed) {
  const b = Object.assign(document.createElement('button'), { type: 'button', textContent: t(key) });
  b.addEventListener('click', deed);
  $(where).append(b);
}

const withChosen = (f) => () => (chosen ? f(chosen) : ($('problem').textContent = t('choose')));

function build() {
  const d = deeds[kind];
  add('more', 'photo', () => choose(false));
  add('more', 'voice', () => (kind === 'max' ? act(d.file({ kind: 'voice' })) : choose(true)));
  for (const key of ['location', 'contact', 'phone', 'start']) if (d[key]) add('more', key, () => act(d[key]()));
  if (d.react) add('more', 'react', withChosen((m) => act(d.react(m))));
  if (d.edit) {
    add('more', 'edit', withChosen((m) => {
      const text = window.prompt(t('chosen'), m.text);
      if (text) act(d.edit(m, text));
    }));
  }
  if (d.remove) add('more', 'remove', withChosen((m) => act(d.remove(m))));
  for (const key of ['block', 'unblock']) add('more', key, () => act(d[key]()));
  $('faults').append(t('faults'));
  const fail = (f) => () => act(['fail', { method: d.method, times: 1, ...f }]);
  add('faults', 'wait', fail({ ...d.status(429), retry_after: 5 }));
  add('faults', 'broken', fail(d.status(500)));
  add('faults', 'hang', fail({ hang: true }));
  add('faults', 'lost', fail({ drop_after: true }));
  add('faults', 'clear', () => act(['clear_faults', {}]));
}

async function begin() {
  kind = await (await fetch('/platform')).text();
  document.documentElement.lang = language;
  for (const e of document.querySelectorAll('[data-t]')) e.textContent = t(e.dataset.t);
  const name = { telegram: 'Telegram', whatsapp: 'WhatsApp', max: 'MAX' }[kind];
  document.title = $('title').textContent = `${t('title')} ${name}`;
  $('text').setAttribute('aria-label', t('text'));
  $('text').placeholder = t('text');
  $('who').value = kind === 'whatsapp' ? '79005550101' : '501';
  build();
  $('who').addEventListener('change', () => { chosen = null; seen = ''; refresh(); });
  $('say').addEventListener('submit', (e) => {
    e.preventDefault();
    const text = $('text').value.trim();
    if (!text) return;
    $('text').value = '';
    act(deeds[kind].text(text));
  });
  await refresh();
  setInterval(refresh, 1000);
}

begin();
