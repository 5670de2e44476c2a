// Before anything else: the theme and language last chosen on this machine, so that nothing flashes; and what the
// first screen needs is asked for while the program itself is still on its way.
(() => {
  const recall = (name) => {
    try {
      return localStorage.getItem(`okno.${name}`) || '';
    } catch {
      return ''; // a browser that forbids storage
    }
  };

  const theme = recall('theme') || 'system';
  const dark = theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
  const root = document.documentElement;
  root.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
  const chosen = recall('lang');
  if (chosen) root.lang = chosen;
  const meta = document.querySelector('meta[name="theme-color"]');
  if (meta) meta.content = dark ? '#0f1115' : '#f6f7f9';

  // The build tells which files hold which part (vite.config.ts).
  const { pathname, search } = location;
  const open = /^\/c\/(\d+)$/.exec(pathname);
  const work = pathname === '/' || Boolean(open);
  const lang = chosen || (navigator.language.startsWith('ru') ? 'ru' : 'en');
  const parts = document.currentScript.dataset;
  for (const part of [`texts_${lang}`, work && 'work', open && 'conversation']) {
    for (const href of (parts[part] || '').split(' ').filter(Boolean)) {
      const link = document.createElement('link');
      link.rel = 'modulepreload';
      link.crossOrigin = '';
      link.href = href;
      document.head.append(link);
    }
  }

  if (/^\/(login|invite|setup)/.test(pathname)) return;
  const asked = { at: Date.now(), answers: new Map() };
  window.oknoAsked = asked;
  const ask = (path) => {
    const answer = fetch(`/api/v1${path}`, {
      credentials: 'same-origin',
      headers: { Accept: 'application/json' },
    });
    answer.catch(() => undefined); // whoever takes it is told
    asked.answers.set(`/api/v1${path}`, answer);
    return answer;
  };
  const list = () => {
    const given = new URLSearchParams(search);
    if (given.get('view')) return; // its filter is not known yet
    const query = new URLSearchParams({ scope: given.get('scope') || 'mine' });
    for (const key of ['status', 'inbox_id', 'channel_kind', 'team_id', 'assignee_id', 'tag_id'])
      if (given.get(key)) query.set(key, given.get(key));
    for (const key of ['unread', 'waiting']) if (given.get(key) === 'true') query.set(key, 'true');
    if (given.get('sort')) query.set('sort', given.get('sort'));
    query.set('limit', '100');
    ask(`/conversations?${query}`);
  };
  // Who asks comes first, because it tells from which event on the rest must be followed.
  ask('/me').then(
    (me) => {
      if (!me.ok || !work) return;
      list();
      if (open) {
        ask(`/conversations/${open[1]}`);
        ask(`/conversations/${open[1]}/items?limit=60`);
      }
      ask('/conversations/counts');
      for (const name of ['users', 'channels', 'inboxes', 'views']) ask(`/${name}?limit=200`);
    },
    () => undefined,
  );
})();
