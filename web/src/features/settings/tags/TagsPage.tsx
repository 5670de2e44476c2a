import { Button, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus, IconTags } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { keys } from '@/api/keys';
import { tagsQuery } from '@/api/reference';
import type { Tag } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { EmptyState, Page } from '@/ui';
import {
  ColorPick,
  Dot,
  EditableList,
  EditorForm,
  Loaded,
  newId,
  type Open,
  palette,
  RowText,
  useSave,
} from '../kit';

export function TagsPage() {
  const { t } = useTranslation('settings');
  const tags = useQuery(tagsQuery);
  const [open, setOpen] = useState<Open>(null);
  const add = (
    <Button leftSection={<IconPlus size={15} />} onClick={() => setOpen(newId)}>
      {t('tags.add')}
    </Button>
  );
  return (
    <Page title={t('tags.title')} lead={t('tags.lead')} actions={add}>
      <Loaded query={tags}>
        {(items) => (
          <EditableList
            label={t('tags.list')}
            items={items}
            idOf={(tag) => tag.id}
            open={open}
            onOpen={setOpen}
            empty={
              <EmptyState icon={IconTags} title={t('tags.empty')} text={t('tags.empty_text')}>
                {add}
              </EmptyState>
            }
            row={(tag) => (
              <>
                <Dot color={tag.color} />
                <RowText title={tag.name} />
              </>
            )}
            editor={(tag, close) => <TagForm tag={tag} index={items.length} onClose={close} />}
          />
        )}
      </Loaded>
    </Page>
  );
}

function TagForm({ tag, index, onClose }: { tag?: Tag; index: number; onClose: () => void }) {
  const { t } = useTranslation('settings');
  const next = palette[index % palette.length]?.[1] ?? '#2f5bea';
  const form = useForm({
    initialValues: { name: tag?.name ?? '', color: tag?.color ?? next },
    validate: { name: (v) => (v.trim() ? null : t('tags.need_name')) },
  });
  const save = useSave({
    form,
    stale: [keys.tags],
    save: (values: typeof form.values) => {
      const body = { ...values, name: values.name.trim() };
      return tag ? api.patch<Tag>(`/tags/${tag.id}`, body) : api.post<Tag>('/tags', body);
    },
    done: onClose,
  });
  const remove = useSave({
    stale: [keys.tags, keys.contacts],
    save: () => api.delete(`/tags/${tag?.id}`),
    done: onClose,
  });
  return (
    <EditorForm
      onSubmit={form.onSubmit((values) => save.run(values))}
      onCancel={onClose}
      onDelete={tag ? () => remove.run() : undefined}
      deleteQuestion={t('tags.delete_question')}
      busy={save.busy || remove.busy}
      problem={save.problem ?? remove.problem}
    >
      <TextInput label={t('tags.name')} required maxLength={50} {...form.getInputProps('name')} />
      <ColorPick
        label={t('tags.color')}
        value={form.values.color}
        onChange={(color) => form.setFieldValue('color', color)}
      />
    </EditorForm>
  );
}
