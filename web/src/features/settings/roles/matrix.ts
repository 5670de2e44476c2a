// The permission matrix: groups in a fixed order, cells that can be ticked
// one by one or by group.
import type { PermissionInfo, Role } from '../../../api/types';

export interface Group {
  key: string;
  permissions: string[];
}

/** Under which heading people look for a right; one that is new here keeps the server's group. */
const headings: Record<string, string> = {
  conversation: 'work',
  item: 'work',
  contact: 'contact',
  view: 'work',
  inbox: 'setup',
  channel: 'setup',
  canned: 'setup',
  tag: 'setup',
  field: 'setup',
  user: 'admin',
  team: 'admin',
  role: 'admin',
  workspace: 'admin',
  audit: 'admin',
  token: 'integrations',
  webhook: 'integrations',
};

export function groupPermissions(list: PermissionInfo[]): Group[] {
  const groups = new Map<string, string[]>();
  for (const info of list) {
    const heading = headings[info.key.split('.')[0] ?? ''] ?? info.group;
    groups.set(heading, [...(groups.get(heading) ?? []), info.key]);
  }
  return [...groups].map(([key, permissions]) => ({ key, permissions }));
}

export function toggle(held: string[], permission: string): string[] {
  return held.includes(permission) ? held.filter((p) => p !== permission) : [...held, permission].sort();
}

export type GroupState = 'all' | 'some' | 'none';

export function groupState(held: string[], group: Group): GroupState {
  const count = group.permissions.filter((p) => held.includes(p)).length;
  if (count === 0) return 'none';
  return count === group.permissions.length ? 'all' : 'some';
}

/** toggleGroup ticks the whole group, or clears it if it was all ticked. */
export function toggleGroup(held: string[], group: Group): string[] {
  const rest = held.filter((p) => !group.permissions.includes(p));
  return groupState(held, group) === 'all' ? rest : [...rest, ...group.permissions].sort();
}

/** locked says whether a role cannot be edited: administrators may do everything. */
export function locked(role: Pick<Role, 'key'>): boolean {
  return role.key === 'admin';
}

/** losesOwnAccess warns of the change by which one shuts oneself out of roles. */
export function losesOwnAccess(ownRoleId: string, role: Role, next: string[]): boolean {
  return role.id === ownRoleId && role.permissions.includes('role.manage') && !next.includes('role.manage');
}
