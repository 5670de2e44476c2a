import type { AuditEntry } from '@/api/types';

/** actionParts splits "channel.updated" and keeps the last word of "auth.login.failed" together as a verb. */
export function actionParts(action: string): { group: string; verb: string } {
  const [group = '', ...rest] = action.split('.');
  return { group, verb: rest.join('_') || group };
}

/** details as name and value, objects as short JSON. */
export function details(entry: Pick<AuditEntry, 'detail'>): [string, string][] {
  return Object.entries(entry.detail ?? {}).map(([name, value]) => [
    name,
    typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value),
  ]);
}

const known: Record<string, string> = {
  session: 'opened ended',
  user: 'created invited joined updated password_changed',
  role: 'created updated deleted',
  team: 'created updated deleted',
  inbox: 'saved deleted',
  channel: 'connected updated deleted',
  contact: 'created updated merged unmerged identity_added identity_removed note_deleted',
  item: 'deleted',
  canned: 'saved deleted',
  tag: 'saved deleted',
  field: 'saved deleted',
  view: 'saved deleted',
  token: 'created deleted',
  webhook: 'created updated deleted rotated resumed',
  workspace: 'created updated',
};

/** What can be asked for: every action the server records, under the thing it is done to. */
export const actionGroups = Object.entries(known).map(([group, verbs]) => ({
  group,
  actions: verbs.split(' ').map((verb) => `${group}.${verb}`),
}));
