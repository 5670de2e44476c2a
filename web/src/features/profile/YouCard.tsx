import { Button, FileButton, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { keys } from '@/api/keys';
import { useMe } from '@/api/reference';
import type { FileInfo, Me } from '@/api/types';
import { Card, kitCss as kit, Saved, useSave } from '@/features/settings';
import { useTranslation } from '@/i18n/useTranslation';
import { Avatar } from '@/ui';

/** Name and picture, as colleagues and visitors see them. */
export function YouCard() {
  const { t } = useTranslation('profile');
  const me = useMe();
  const client = useQueryClient();
  const keep = (next: Me) => {
    client.setQueryData<Me>(keys.me, (old) => old && { ...old, user: next.user });
    void client.invalidateQueries({ queryKey: keys.users });
  };
  const form = useForm({
    initialValues: { name: me.user.name },
    validate: { name: (v) => (v.trim() ? null : t('you.need_name')) },
  });
  const save = useSave({
    form,
    save: ({ name }: typeof form.values) => api.patch<Me>('/me', { name: name.trim() }),
    done: (next) => {
      keep(next);
      form.resetDirty();
    },
  });
  const photo = useSave({
    save: async (file: File | null) => {
      if (!file) return api.patch<Me>('/me', { avatar_file_id: '' });
      const body = new FormData();
      body.set('file', file);
      const { id } = await api.post<FileInfo>('/files?purpose=avatar', body);
      return api.patch<Me>('/me', { avatar_file_id: id });
    },
    done: keep,
  });
  return (
    <Card title={t('you.title')}>
      <form className={kit.form} noValidate onSubmit={form.onSubmit((values) => save.run(values))}>
        <div style={{ display: 'flex', gap: 16, alignItems: 'center', flexWrap: 'wrap' }}>
          <Avatar name={me.user.name} id={me.user.id} src={me.user.avatar_url} size={64} />
          <div>
            <div className={kit.foot}>
              <FileButton
                accept="image/jpeg,image/png,image/webp"
                onChange={(file) => file && photo.run(file)}
              >
                {(props) => (
                  <Button variant="default" loading={photo.busy} {...props}>
                    {t('you.change_photo')}
                  </Button>
                )}
              </FileButton>
              {me.user.avatar_url && (
                <Button variant="subtle" color="gray" disabled={photo.busy} onClick={() => photo.run(null)}>
                  {t('you.remove_photo')}
                </Button>
              )}
            </div>
            <p className={photo.problem ? kit.problem : kit.hint} role={photo.problem ? 'alert' : undefined}>
              {photo.problem ?? t('you.photo_hint')}
            </p>
          </div>
        </div>
        <div className={kit.grid2}>
          <TextInput label={t('you.name')} autoComplete="name" {...form.getInputProps('name')} />
          <TextInput
            label={t('you.email')}
            description={t('you.email_hint')}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            value={me.user.email}
            variant="filled"
            readOnly
          />
        </div>
        {save.problem && (
          <p className={kit.problem} role="alert">
            {save.problem}
          </p>
        )}
        <div className={kit.foot}>
          <Button type="submit" loading={save.busy} disabled={!form.isDirty()}>
            {t('you.save')}
          </Button>
          <Saved show={save.done && !form.isDirty()} />
        </div>
      </form>
    </Card>
  );
}
