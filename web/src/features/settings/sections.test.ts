import { describe, expect, it } from 'vitest';
import { allowed, findSection, groups, visibleGroups } from './sections';

const keys = (permissions: string[]) =>
  visibleGroups(permissions).flatMap((g) => g.sections.map((s) => s.key));

describe('settings by permission', () => {
  it('an agent sees only their own lists', () => {
    expect(keys(['conversation.reply'])).toEqual(['views']);
  });

  it('each permission opens its section', () => {
    expect(keys(['channel.manage', 'audit.view'])).toEqual(['channels', 'views', 'audit']);
  });

  it('everything needs a permission but the lists', () => {
    const open = groups.flatMap((g) => g.sections).filter((s) => allowed(s, []));
    expect(open.map((s) => s.key)).toEqual(['views']);
  });

  it('finds a section by its address', () => {
    expect(findSection('webhooks')?.permission).toBe('webhook.manage');
    expect(findSection('nothing')).toBeUndefined();
  });
});
