import { render } from 'preact';
import { clock, dayName } from '../core/format';
import { errorText, type Translate, translator } from '../core/i18n';
import type { Chat } from './chat';
import { Composer } from './composer';
import { FrameContext, useChanges } from './context';
import { Form } from './form';
import { Icon } from './icons';
import { initials } from './message';
import { TimelineView } from './timeline';

function status(chat: Chat, t: Translate): string {
  const { open, online, opens_at } = chat.config;
  if (open) return t(online ? 'online' : 'away');
  if (!opens_at) return t('closed');
  const at = Date.parse(opens_at);
  const when = t('at', { day: dayName(at, Date.now(), chat.lang, t), time: clock(at, chat.lang) });
  return t('opensAt', { when });
}

function App({ chat }: { chat: Chat }) {
  useChanges(chat);
  const t = translator(chat.lang);
  const title = chat.config.title[chat.lang];
  const lost = !navigator.onLine || chat.lineState === 'lost';
  const asks = chat.queue.items.some((i) => i.error === undefined && !i.profile) && chat.asking.needed;
  return (
    <FrameContext.Provider value={{ chat, t }}>
      <header class="head">
        <span class="mark" aria-hidden="true">{initials(title) ?? '·'}</span>
        <div class="head-text">
          <h1>{title}</h1>
          <p><span class={chat.config.open && chat.config.online ? 'dot on' : 'dot'} aria-hidden="true" />{status(chat, t)}</p>
        </div>
        <button type="button" class="round head-close" aria-label={t('close')} title={t('close')} onClick={() => chat.closeFrame()}><Icon name="down" /></button>
      </header>
      <div class="banner-place" role="status">
        {lost && <p class="banner"><Icon name="wifi" size={16} />{t('lost')}</p>}
        {!lost && chat.notice && <p class="banner"><Icon name="alert" size={16} />{errorText(t, chat.notice)}</p>}
      </div>
      <TimelineView />
      <footer class="bottom">
        {asks ? <Form /> : <Composer />}
        {chat.config.powered_by && <a class="powered" href="https://github.com/okno-hq/okno" target="_blank" rel="noopener">{t('powered')}</a>}
      </footer>
      <div class="drop" aria-hidden="true">{t('dropHere')}</div>
    </FrameContext.Provider>
  );
}

/** Draws the widget; loaded when it is opened for the first time. */
export function show(chat: Chat, into: Element): void {
  render(<App chat={chat} />, into);
}
