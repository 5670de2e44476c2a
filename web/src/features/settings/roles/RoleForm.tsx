import { Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { api } from '@/api/client';
import { keys } from '@/api/keys';
import type { Role } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { EditorForm, useSave } from '../kit';
import css from '../kit/kit.module.css';
import { roleName } from './names';

/** A new role starts with another's rights; one of one's own can be renamed and deleted. */
export function RoleForm({ role, roles, onClose }: { role?: Role; roles: Role[]; onClose: () => void }) {
  const { t } = useTranslation('settings');
  const form = useForm({
    initialValues: { name: role?.name ?? '', from: roles.find((r) => r.key === 'agent')?.id ?? '' },
    validate: { name: (v) => (v.trim() ? null : t('roles.need_name')) },
  });
  const save = useSave({
    form,
    stale: [keys.roles],
    save: ({ name, from }: typeof form.values) =>
      role
        ? api.patch<Role>(`/roles/${role.id}`, { name: name.trim() })
        : api.post<Role>('/roles', {
            name: name.trim(),
            permissions: roles.find((r) => r.id === from)?.permissions ?? [],
          }),
    done: onClose,
  });
  const remove = useSave({
    stale: [keys.roles],
    save: () => api.delete(`/roles/${role?.id}`),
    done: onClose,
  });
  return (
    <EditorForm
      onSubmit={form.onSubmit((values) => save.run(values))}
      onCancel={onClose}
      onDelete={role && role.users === 0 ? () => remove.run() : undefined}
      deleteLabel={t('roles.delete')}
      busy={save.busy || remove.busy}
      problem={save.problem ?? remove.problem}
    >
      <div className={css.grid2}>
        <TextInput
          label={t('roles.name')}
          placeholder={t('roles.name_placeholder')}
          required
          data-autofocus
          {...form.getInputProps('name')}
        />
        {!role && (
          <Select
            label={t('roles.copy_from')}
            allowDeselect={false}
            data={roles.map((r) => ({ value: r.id, label: roleName(t, r) }))}
            {...form.getInputProps('from')}
          />
        )}
      </div>
      {role && role.users > 0 && <p className={css.hint}>{t('roles.in_use')}</p>}
    </EditorForm>
  );
}
