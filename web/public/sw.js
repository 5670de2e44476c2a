// The service worker only shows pushes: nothing is cached, so that a new version is there at the next load.
// A push holds {title, body, url, tag, conversation_id}.
self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('push', (event) => {
  let data = {};
  try {
    data = event.data ? event.data.json() : {};
  } catch {
    data = { body: event.data ? event.data.text() : '' };
  }
  event.waitUntil(show(data));
});

async function show(data) {
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  // A page in sight has shown it already.
  if (windows.some((w) => w.visibilityState === 'visible' && w.focused)) return;
  await self.registration.showNotification(data.title || 'Okno', {
    body: data.body || '',
    tag: data.tag || data.conversation_id || 'okno',
    renotify: Boolean(data.tag || data.conversation_id),
    icon: '/icons/icon-192.png',
    badge: '/icons/icon-192.png',
    data: { url: data.url || (data.conversation_id ? `/c/${data.conversation_id}` : '/') },
  });
}

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.url || '/'));
});

async function open(path) {
  const url = new URL(path, self.location.origin);
  if (url.origin !== self.location.origin) return;
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  for (const client of windows) {
    client.postMessage({ type: 'open', path: url.pathname + url.search });
    await client.focus();
    return;
  }
  await self.clients.openWindow(url.href);
}
