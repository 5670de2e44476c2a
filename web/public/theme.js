// Before the first paint: the theme and language last chosen on this machine, so that nothing flashes.
(() => {
  let theme = 'system';
  let lang = '';
  try {
    theme = localStorage.getItem('okno.theme') || 'system';
    lang = localStorage.getItem('okno.lang') || '';
  } catch {
    // A browser that forbids storage gets the system's theme.
  }
  const dark = theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
  const root = document.documentElement;
  root.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
  if (lang) root.lang = lang;
  const meta = document.querySelector('meta[name="theme-color"]');
  if (meta) meta.content = dark ? '#0f1115' : '#f6f7f9';
})();
