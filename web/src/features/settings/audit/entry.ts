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
