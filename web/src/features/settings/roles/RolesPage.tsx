import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { keys } from '@/api/keys';
import { useMe } from '@/api/reference';
import type { PermissionInfo, Role } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { Page } from '@/ui';
import { Card, Loaded, useSave } from '../kit';
import css from '../kit/kit.module.css';
import { permissionsQuery, rolesQuery } from '../queries';
import { Matrix } from './Matrix';
import { losesOwnAccess } from './matrix';
import { RoleForm } from './RoleForm';

/** Which role may do what: ticked in one table, saved together. */
export function RolesPage() {
  const { t } = useTranslation('settings');
  const roles = useQuery(rolesQuery);
  const permissions = useQuery(permissionsQuery);
  const [adding, setAdding] = useState(false);
  const [managed, setManaged] = useState<string>();
  const role = roles.data?.find((r) => r.id === managed);
  return (
    <Page
      wide
      title={t('roles.title')}
      lead={t('roles.lead')}
      actions={
        <Button leftSection={<IconPlus size={15} />} onClick={() => setAdding(true)}>
          {t('roles.add')}
        </Button>
      }
    >
      {adding && (
        <Card title={t('roles.add')}>
          <RoleForm roles={roles.data ?? []} onClose={() => setAdding(false)} />
        </Card>
      )}
      {role && (
        <Card key={role.id} title={t('roles.manage', { name: role.name })}>
          <RoleForm role={role} roles={roles.data ?? []} onClose={() => setManaged(undefined)} />
        </Card>
      )}
      <Loaded query={roles} rows={8}>
        {(list) => (
          <Loaded query={permissions} rows={8}>
            {(infos) => (
              <Table
                key={list.map((r) => r.id).join()}
                roles={list}
                permissions={infos}
                onManage={setManaged}
              />
            )}
          </Loaded>
        )}
      </Loaded>
    </Page>
  );
}

interface TableProps {
  roles: Role[];
  permissions: PermissionInfo[];
  onManage: (id: string) => void;
}

function Table({ roles, permissions, onManage }: TableProps) {
  const { t } = useTranslation('settings');
  const me = useMe();
  const [drafts, setDrafts] = useState<Record<string, string[]>>({});
  const save = useSave({
    stale: [keys.roles, keys.me],
    save: () =>
      Promise.all(
        Object.entries(drafts).map(([id, held]) => api.patch<Role>(`/roles/${id}`, { permissions: held })),
      ),
    done: () => setDrafts({}),
  });
  const change = (role: Role, held: string[]) => {
    const same = [...held].sort().join() === [...role.permissions].sort().join();
    const { [role.id]: _, ...rest } = drafts;
    setDrafts(same ? rest : { ...rest, [role.id]: held });
  };
  const changed = Object.keys(drafts).length;
  const shutsOut = roles.some((r) => losesOwnAccess(me.user.role_id, r, drafts[r.id] ?? r.permissions));
  return (
    <>
      <Matrix roles={roles} permissions={permissions} drafts={drafts} onChange={change} onManage={onManage} />
      <p className={css.hint}>{t('roles.locked')}</p>
      {(changed > 0 || save.problem) && (
        <div className={css.saveBar} role="region" aria-label={t('roles.unsaved')}>
          <span className={shutsOut || save.problem ? css.problem : css.hint}>
            {save.problem ?? (shutsOut ? t('roles.own_access') : t('roles.unsaved'))}
          </span>
          <Button variant="default" onClick={() => setDrafts({})}>
            {t('kit.cancel')}
          </Button>
          <Button loading={save.busy} onClick={() => save.run()}>
            {t('roles.save_all', { count: changed })}
          </Button>
        </div>
      )}
    </>
  );
}
