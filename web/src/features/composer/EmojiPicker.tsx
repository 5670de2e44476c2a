import { useState } from 'react';
import { recall, remember } from '@/app/preferences';
import { useTranslation } from '@/i18n/useTranslation';
import classes from './Composer.module.css';

const groups = {
  smileys:
    '😀 😃 😄 😁 😆 😅 😂 🤣 😊 😇 🙂 🙃 😉 😌 😍 🥰 😘 😋 😛 😜 🤪 🤗 🤭 🤫 🤔 🤨 😐 😑 😶 🙄 😏 😬 😮‍💨 😔 😪 😴 😷 🤒 🤕 🤧 🥵 🥶 🥴 🤯 🥳 😎 🤓 🧐 😕 😟 🙁 😮 😯 😲 😳 🥺 😦 😨 😰 😥 😢 😭 😱 😖 😣 😞 😓 😩 😤 😡 🤬',
  hands: '👍 👎 👌 🤌 ✌️ 🤞 🤟 🤙 👈 👉 👆 👇 ☝️ ✋ 👋 🤝 🙏 👏 🙌 🫶 💪 ✍️ 💅 🤷 🤦 🙋 💁 🙆 🙅 👀',
  hearts: '❤️ 🧡 💛 💚 💙 💜 🖤 🤍 🤎 💔 💕 💖 💯 💢 💥 💫 💦 💤 🔥 ⭐ 🌟 ✨ ⚡ 🎉 🎊 🎁 🎈 🏆 🥇',
  food: '☕ 🍵 🥐 🍞 🥖 🧀 🍕 🍔 🍟 🌭 🥗 🍣 🍰 🎂 🍫 🍬 🍩 🍪 🍎 🍌 🍇 🍓 🍑 🥝 🥑 🍺 🍷 🥂 🧊',
  nature: '🌞 🌤️ 🌧️ ❄️ ☔ 🌈 🌸 🌹 🌻 🌲 🍀 🍁 🐶 🐱 🐭 🐰 🦊 🐻 🐼 🐨 🐯 🦁 🐮 🐷 🐸 🐵 🐔 🐧 🦄 🐝',
  things: '📦 🚚 🚗 ✈️ 🚆 🏠 🏢 🏪 📱 💻 🖨️ 📷 📞 📧 📎 📄 📊 📅 📌 🔍 🔑 🔒 🔧 🛠️ 💡 🔔 ⏰ ⌛ 💳 💰 🧾 🛒 🛍️',
  signs: '✅ ☑️ ✔️ ❌ ❗ ❓ ‼️ ⚠️ 🚫 ➡️ ⬅️ ⬆️ ⬇️ 🔄 🆗 🆕 🆓 ℹ️ 🔴 🟠 🟡 🟢 🔵 🟣 ⚫ ⚪ 1️⃣ 2️⃣ 3️⃣ 4️⃣ 5️⃣',
} as const;

const kept = 18;

/** Some two hundred emoji that people at work use, the last used first. */
export function EmojiPicker({ onPick }: { onPick: (emoji: string) => void }) {
  const { t } = useTranslation('composer');
  const [recent, setRecent] = useState(() => recall('emoji')?.split(' ').filter(Boolean) ?? []);
  const pick = (emoji: string) => {
    const next = [emoji, ...recent.filter((e) => e !== emoji)].slice(0, kept);
    setRecent(next);
    remember('emoji', next.join(' '));
    onPick(emoji);
  };
  const show = (name: string, list: readonly string[]) => (
    <section key={name} aria-label={t(`emoji.${name}`)}>
      <h3>{t(`emoji.${name}`)}</h3>
      <div>
        {list.map((e) => (
          <button key={e} type="button" onClick={() => pick(e)} aria-label={e}>
            {e}
          </button>
        ))}
      </div>
    </section>
  );
  return (
    <div className={classes.emoji}>
      {recent.length > 0 && show('recent', recent)}
      {Object.entries(groups).map(([name, list]) => show(name, list.split(' ')))}
    </div>
  );
}
