import { describe, expect, it } from 'vitest';
import { groupPermissions, groupState, locked, losesOwnAccess, toggle, toggleGroup } from './matrix';

const list = [
  { key: 'conversation.reply', group: 'work' },
  { key: 'role.manage', group: 'admin' },
  { key: 'conversation.assign', group: 'work' },
];
const groups = groupPermissions(list);
const work = groups[0] ?? { key: '', permissions: [] };

describe('matrix', () => {
  it('groups in the order of first appearance', () => {
    expect(groups).toEqual([
      { key: 'work', permissions: ['conversation.reply', 'conversation.assign'] },
      { key: 'admin', permissions: ['role.manage'] },
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
