import { api } from '@/api/client';

export type PushProblem = 'denied' | 'unsupported' | 'insecure' | 'no_key' | 'failed';

export class PushError extends Error {
  constructor(readonly problem: PushProblem) {
    super(problem);
  }
}

/** The server's key (base64url) as the browser wants it. */
export function decodeKey(key: string): Uint8Array<ArrayBuffer> {
  const base64 = key
    .replace(/-/g, '+')
    .replace(/_/g, '/')
    .padEnd(Math.ceil(key.length / 4) * 4, '=');
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}

export function pushProblem(): PushProblem | undefined {
  if (!window.isSecureContext) return 'insecure';
  if (!('serviceWorker' in navigator) || !('PushManager' in window)) return 'unsupported';
  return Notification.permission === 'denied' ? 'denied' : undefined;
}

/** Asks for the permission that desktop notifications and push need. */
export async function askPermission(): Promise<void> {
  if (typeof Notification === 'undefined')
    throw new PushError(window.isSecureContext ? 'unsupported' : 'insecure');
  const answer =
    Notification.permission === 'default' ? await Notification.requestPermission() : Notification.permission;
  if (answer !== 'granted') throw new PushError('denied');
}

/** Subscribes this device and tells the server. */
export async function subscribe(key: string | undefined): Promise<void> {
  const problem = pushProblem();
  if (problem) throw new PushError(problem);
  if (!key) throw new PushError('no_key');
  await askPermission();
  await navigator.serviceWorker.register('/sw.js');
  const registration = await navigator.serviceWorker.ready;
  let subscription: PushSubscription;
  try {
    subscription = await registration.pushManager.subscribe({
      userVisibleOnly: true,
      applicationServerKey: decodeKey(key),
    });
  } catch {
    throw new PushError('failed');
  }
  const { endpoint, keys } = subscription.toJSON();
  await api.post('/push/subscriptions', { endpoint, keys: { p256dh: keys?.p256dh, auth: keys?.auth } });
}

export async function unsubscribe(): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration();
  const subscription = await registration?.pushManager.getSubscription();
  if (!subscription) return;
  await api.delete('/push/subscriptions', { body: { endpoint: subscription.endpoint } });
  await subscription.unsubscribe();
}

/** Whether this very device is subscribed, whatever the account's setting says. */
export async function subscribed(): Promise<boolean> {
  const registration = await navigator.serviceWorker?.getRegistration();
  return Boolean(await registration?.pushManager.getSubscription());
}
