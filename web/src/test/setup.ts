import { afterEach } from 'vitest';

// Most tests need no page; one that does says "@vitest-environment jsdom" in its first line.
afterEach(() => {
  if (typeof document !== 'undefined') document.body.innerHTML = '';
});
