import type { TFunction } from 'i18next';
import type { Role } from '@/api/types';

/** The three roles that come with Okno are named in the reader's language. */
export function roleName(t: TFunction, role: Pick<Role, 'key' | 'name'>): string {
  return role.key ? t(`settings:roles.key.${role.key}`) : role.name;
}
