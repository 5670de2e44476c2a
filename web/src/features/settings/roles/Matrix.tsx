import { Checkbox, UnstyledButton } from '@mantine/core';
import { IconLock, IconPencil } from '@tabler/icons-react';
import { Fragment, useMemo } from 'react';
import type { PermissionInfo, Role } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import css from './Matrix.module.css';
import { groupPermissions, groupState, locked, toggle, toggleGroup } from './matrix';
import { roleName } from './names';

interface Props {
  roles: Role[];
  permissions: PermissionInfo[];
  drafts: Record<string, string[]>;
  onChange: (role: Role, held: string[]) => void;
  onManage: (id: string) => void;
}

export function Matrix({ roles, permissions, drafts, onChange, onManage }: Props) {
  const { t } = useTranslation(['settings', 'permissions']);
  const groups = useMemo(() => groupPermissions(permissions), [permissions]);
  const held = (role: Role) =>
    locked(role) ? permissions.map((p) => p.key) : (drafts[role.id] ?? role.permissions);
  return (
    <div className={css.scroll} tabIndex={0} role="region" aria-label={t('roles.table')}>
      <table className={css.table}>
        <thead>
          <tr>
            <th scope="col">{t('roles.right')}</th>
            {roles.map((role) => (
              <th key={role.id} scope="col">
                <RoleHead role={role} onManage={onManage} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <Fragment key={group.key}>
              <tr className={css.group}>
                <th scope="rowgroup">{t(`permissions:group.${group.key}`, group.key)}</th>
                {roles.map((role) => {
                  const state = groupState(held(role), group);
                  return (
                    <td key={role.id}>
                      {group.permissions.length > 1 && (
                        <Checkbox
                          size="xs"
                          checked={state === 'all'}
                          indeterminate={state === 'some'}
                          disabled={locked(role)}
                          aria-label={t('roles.cell', {
                            role: roleName(t, role),
                            right: t('roles.whole_group', {
                              group: t(`permissions:group.${group.key}`, group.key),
                            }),
                          })}
                          onChange={() => onChange(role, toggleGroup(held(role), group))}
                        />
                      )}
                    </td>
                  );
                })}
              </tr>
              {group.permissions.map((permission) => (
                <tr key={permission}>
                  <th scope="row">{t(`permissions:${permission}`, permission)}</th>
                  {roles.map((role) => (
                    <td key={role.id}>
                      <Checkbox
                        size="sm"
                        checked={held(role).includes(permission)}
                        disabled={locked(role)}
                        aria-label={t('roles.cell', {
                          role: roleName(t, role),
                          right: t(`permissions:${permission}`, permission),
                        })}
                        onChange={() => onChange(role, toggle(held(role), permission))}
                      />
                    </td>
                  ))}
                </tr>
              ))}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function RoleHead({ role, onManage }: { role: Role; onManage: (id: string) => void }) {
  const { t } = useTranslation('settings');
  const name = roleName(t, role);
  return (
    <div className={css.role}>
      {role.key ? (
        <span className={css.name}>
          {name} {locked(role) && <IconLock size={12} aria-hidden />}
        </span>
      ) : (
        <UnstyledButton
          className={css.name}
          aria-label={t('roles.manage', { name })}
          onClick={() => onManage(role.id)}
        >
          {name} <IconPencil size={12} aria-hidden />
        </UnstyledButton>
      )}
      <span className={css.users}>{t('roles.users', { count: role.users })}</span>
    </div>
  );
}
