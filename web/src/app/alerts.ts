import type { QueryClient } from '@tanstack/react-query';
import { keys } from '@/api/keys';
import { cachedConversation } from '@/api/live/apply';
import { reading } from '@/api/live/reading';
import type { Counts, Item, Me } from '@/api/types';
import { i18n } from '@/i18n';

/** Sound, desktop notifications, the title's and the icon's number. */
export class Alerts {
  private readonly client: QueryClient;
  private readonly open: (path: string) => void;
  private readonly unsubscribe: () => void;
  private sounded = 0;
  private audio?: AudioContext;
  private shown = -1;

  constructor(client: QueryClient, open: (path: string) => void) {
    this.client = client;
    this.open = open;
    this.unsubscribe = client.getQueryCache().subscribe((event) => {
      if (event.query.queryKey[0] === keys.counts[0]) this.badge();
    });
    navigator.serviceWorker?.addEventListener('message', this.onWorker);
    this.badge();
  }

  close(): void {
    this.unsubscribe();
    navigator.serviceWorker?.removeEventListener('message', this.onWorker);
    this.audio?.close();
    document.title = i18n.t('app');
    setIcon(0);
  }

  item(item: Item): void {
    const me = this.client.getQueryData<Me>(keys.me);
    if (!me || item.kind === 'event' || item.author.id === me.user.id) return;
    const mentioned = item.mentions?.includes(me.user.id) ?? false;
    if (item.direction !== 'in' && !mentioned) return;
    if (reading.get() === item.conversation_id) return;
    const c = cachedConversation(this.client, item.conversation_id);
    // Somebody else's customer is nobody's interruption.
    if (c?.assignee_id && c.assignee_id !== me.user.id && !mentioned) return;
    if (me.settings.sound) this.sound();
    if (me.settings.desktop && document.visibilityState !== 'visible') this.notify(item);
  }

  private notify(item: Item): void {
    if (!('Notification' in window) || Notification.permission !== 'granted') return;
    const body = item.content.text || (item.files[0] ? i18n.t(`files.${item.files[0].kind}`) : '');
    const n = new Notification(item.author.name || i18n.t('app'), {
      body: body.slice(0, 240),
      tag: item.conversation_id,
      icon: '/icons/icon-192.png',
    });
    n.onclick = () => {
      window.focus();
      this.open(`/c/${item.conversation_id}`);
      n.close();
    };
  }

  /** Two soft notes, made here: no file to load. At most one in two seconds. */
  private sound(): void {
    const now = Date.now();
    if (now - this.sounded < 2000) return;
    this.sounded = now;
    try {
      this.audio ??= new AudioContext();
      const { audio } = this;
      if (audio.state === 'suspended') return; // no gesture on the page yet: the browser forbids it
      [660, 880].forEach((hz, i) => {
        const at = audio.currentTime + i * 0.11;
        const gain = audio.createGain();
        gain.gain.setValueAtTime(0.0001, at);
        gain.gain.exponentialRampToValueAtTime(0.08, at + 0.015);
        gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.28);
        const tone = audio.createOscillator();
        tone.frequency.value = hz;
        tone.connect(gain).connect(audio.destination);
        tone.start(at);
        tone.stop(at + 0.3);
      });
    } catch {
      // A machine without sound is no reason to fail.
    }
  }

  private badge(): void {
    const unread = this.client.getQueryData<Counts>(keys.counts)?.unread ?? 0;
    if (unread === this.shown) return;
    this.shown = unread;
    document.title = unread ? `(${unread}) ${i18n.t('app')}` : i18n.t('app');
    setIcon(unread);
    const nav = navigator as Navigator & {
      setAppBadge?: (n: number) => Promise<void>;
      clearAppBadge?: () => Promise<void>;
    };
    (unread ? nav.setAppBadge?.(unread) : nav.clearAppBadge?.())?.catch(() => undefined);
  }

  private readonly onWorker = (event: MessageEvent) => {
    const data = event.data as { type?: string; path?: string };
    if (data?.type === 'open' && data.path?.startsWith('/') && !data.path.startsWith('//'))
      this.open(data.path);
  };
}

/** The tab's icon, with a red dot while something is unread. */
function setIcon(unread: number): void {
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (link) link.href = unread ? '/favicon-unread.svg' : '/favicon.svg';
}
