import { describe, expect, it } from 'vitest';
import { groupPermissions, groupState, locked, losesOwnAccess, toggle, toggleGroup } from './matrix';

const list = [
  { key: 'conversation.reply', group: 'conversation' },
  { key: 'role.manage', group: 'role' },
  { key: 'conversation.assign', group: 'conversation' },
  { key: 'call.listen', group: 'call' },
];
const groups = groupPermissions(list);
const work = groups[0] ?? { key: '', permissions: [] };

describe('matrix', () => {
  it('groups under headings in the order of first appearance, new ones as the server says', () => {
    expect(groups).toEqual([
      { key: 'work', permissions: ['conversation.reply', 'conversation.assign'] },
      { key: 'admin', permissions: ['role.manage'] },
      { key: 'call', permissions: ['call.listen'] },
    ]);
  });

  it('toggles one permission without touching the others', () => {
    expect(toggle(['b'], 'a')).toEqual(['a', 'b']);
    expect(toggle(['a', 'b'], 'a')).toEqual(['b']);
  });

  it('tells and toggles a group', () => {
    expect(groupState([], work)).toBe('none');
    expect(groupState(['conversation.reply'], work)).toBe('some');
    const all = toggleGroup(['conversation.reply', 'role.manage'], work);
    expect(groupState(all, work)).toBe('all');
    expect(all).toContain('role.manage');
    expect(toggleGroup(all, work)).toEqual(['role.manage']);
  });

  it('locks the administrator', () => {
    expect(locked({ key: 'admin' })).toBe(true);
    expect(locked({ key: 'agent' })).toBe(false);
    expect(locked({})).toBe(false);
  });

  it('warns before one loses access to roles', () => {
    const role = { id: '1', name: 'Boss', permissions: ['role.manage'], users: 1 };
    expect(losesOwnAccess('1', role, [])).toBe(true);
    expect(losesOwnAccess('1', role, ['role.manage'])).toBe(false);
    expect(losesOwnAccess('2', role, [])).toBe(false);
  });
});
