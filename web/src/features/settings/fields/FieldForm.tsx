import { Select, TagsInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { api } from '@/api/client';
import { keys } from '@/api/keys';
import type { ContactField } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { EditorForm, useSave } from '../kit';
import css from '../kit/kit.module.css';
import { keyOf } from './key';

const types: ContactField['type'][] = ['text', 'number', 'date', 'bool', 'choice', 'url'];

export function FieldForm({
  field,
  position,
  onClose,
}: {
  field?: ContactField;
  position: number;
  onClose: () => void;
}) {
  const { t } = useTranslation('settings');
  const form = useForm({
    initialValues: {
      label: field?.label ?? '',
      key: field?.key ?? '',
      type: field?.type ?? ('text' as ContactField['type']),
      options: field?.options ?? [],
    },
    validate: {
      label: (v) => (v.trim() ? null : t('fields.need_label')),
      key: (v, values) =>
        /^[a-z][a-z0-9_]{0,49}$/.test(v || keyOf(values.label)) ? null : t('fields.need_key'),
      options: (v, values) => (values.type !== 'choice' || v.length > 1 ? null : t('fields.need_options')),
    },
  });
  const save = useSave({
    form,
    stale: [keys.fields],
    save: ({ label, key, type, options }: typeof form.values) => {
      const body = { label: label.trim(), options: type === 'choice' ? options : [], position };
      return field
        ? api.patch<ContactField>(`/contact-fields/${field.id}`, body)
        : api.post<ContactField>('/contact-fields', { ...body, key: key || keyOf(label), type });
    },
    done: onClose,
  });
  const remove = useSave({
    stale: [keys.fields, keys.contacts],
    save: () => api.delete(`/contact-fields/${field?.id}`),
    done: onClose,
  });
  return (
    <EditorForm
      onSubmit={form.onSubmit((values) => save.run(values))}
      onCancel={onClose}
      onDelete={field ? () => remove.run() : undefined}
      deleteQuestion={t('fields.delete_question')}
      busy={save.busy || remove.busy}
      problem={save.problem ?? remove.problem}
    >
      <div className={css.grid2}>
        <TextInput label={t('fields.label')} required data-autofocus {...form.getInputProps('label')} />
        <Select
          label={t('fields.type')}
          allowDeselect={false}
          disabled={Boolean(field)}
          data={types.map((type) => ({ value: type, label: t(`fields.type_${type}`) }))}
          {...form.getInputProps('type')}
        />
      </div>
      {form.values.type === 'choice' && (
        <TagsInput
          label={t('fields.options')}
          description={t('fields.options_hint')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          {...form.getInputProps('options')}
        />
      )}
      <TextInput
        label={t('fields.key')}
        description={t('fields.key_hint')}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        maw={320}
        disabled={Boolean(field)}
        placeholder={keyOf(form.values.label)}
        {...form.getInputProps('key')}
      />
    </EditorForm>
  );
}
