import { Button, FileButton, Select, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPaperclip, IconX } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { api } from '@/api/client';
import { keys } from '@/api/keys';
import { useFields, useInboxes, useMe } from '@/api/reference';
import type { CannedReply, FileInfo } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { EditorForm, useSave } from '../kit';
import css from '../kit/kit.module.css';
import { fill, insertAt, shortcutPattern, variables } from './variables';

export function CannedForm({ reply, onClose }: { reply?: CannedReply; onClose: () => void }) {
  const { t } = useTranslation('settings');
  const inboxes = useInboxes();
  const [files, setFiles] = useState<FileInfo[]>(reply?.files ?? []);
  const form = useForm({
    initialValues: {
      shortcut: reply?.shortcut ?? '',
      title: reply?.title ?? '',
      text: reply?.text ?? '',
      inbox_id: reply?.inbox_id ?? '',
    },
    validate: {
      shortcut: (v) => (shortcutPattern.test(v.trim().replace(/^\//, '')) ? null : t('canned.need_shortcut')),
      title: (v) => (v.trim() ? null : t('canned.need_title')),
      text: (v) => (v.trim() || files.length > 0 ? null : t('canned.need_text')),
    },
  });
  const save = useSave({
    form,
    stale: [keys.canned],
    save: (v: typeof form.values) => {
      const body = {
        shortcut: v.shortcut.trim().replace(/^\//, ''),
        title: v.title.trim(),
        text: v.text,
        inbox_id: v.inbox_id || undefined,
        file_ids: files.map((f) => f.id),
      };
      return reply
        ? api.patch<CannedReply>(`/canned-replies/${reply.id}`, body)
        : api.post<CannedReply>('/canned-replies', body);
    },
    done: onClose,
  });
  const remove = useSave({
    stale: [keys.canned],
    save: () => api.delete(`/canned-replies/${reply?.id}`),
    done: onClose,
  });
  const upload = useSave({
    save: (file: File) => {
      const body = new FormData();
      body.set('file', file);
      return api.post<FileInfo>('/files?purpose=canned', body);
    },
    done: (file) => setFiles((old) => [...old, file]),
  });
  return (
    <EditorForm
      onSubmit={form.onSubmit((values) => save.run(values))}
      onCancel={onClose}
      onDelete={reply ? () => remove.run() : undefined}
      busy={save.busy || remove.busy}
      problem={save.problem ?? remove.problem ?? upload.problem}
    >
      <div className={css.grid2}>
        <TextInput
          label={t('canned.shortcut')}
          description={t('canned.shortcut_hint')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          leftSection="/"
          required
          {...form.getInputProps('shortcut')}
        />
        <TextInput label={t('canned.title_field')} required {...form.getInputProps('title')} />
      </div>
      <TextWithVariables form={form} />
      <Files
        files={files}
        busy={upload.busy}
        onAdd={(file) => upload.run(file)}
        onRemove={(id) => setFiles(files.filter((f) => f.id !== id))}
      />
      <Select
        label={t('canned.inbox')}
        maw={320}
        allowDeselect={false}
        data={[
          { value: '', label: t('canned.any_inbox') },
          ...inboxes.all.map((i) => ({ value: i.id, label: i.name })),
        ]}
        {...form.getInputProps('inbox_id')}
      />
    </EditorForm>
  );
}

interface TextForm {
  values: { text: string };
  getInputProps: (name: 'text') => object;
  setFieldValue: (name: 'text', value: string) => void;
}

function TextWithVariables({ form }: { form: TextForm }) {
  const { t } = useTranslation('settings');
  const me = useMe();
  const fields = useFields();
  const area = useRef<HTMLTextAreaElement>(null);
  const insert = (name: string) => {
    const { selectionStart, selectionEnd } = area.current ?? { selectionStart: 0, selectionEnd: 0 };
    const next = insertAt(form.values.text, selectionStart, selectionEnd, `{{${name}}}`);
    form.setFieldValue('text', next.text);
    requestAnimationFrame(() => {
      area.current?.focus();
      area.current?.setSelectionRange(next.cursor, next.cursor);
    });
  };
  const sample = {
    'contact.name': t('canned.sample.contact'),
    'contact.first_name': t('canned.sample.first'),
    'agent.name': me.user.name,
    'inbox.name': t('canned.sample.inbox'),
  };
  return (
    <div>
      <Textarea
        label={t('canned.text')}
        autosize
        minRows={3}
        maxRows={14}
        ref={area}
        {...form.getInputProps('text')}
      />
      <div className={css.chips} style={{ marginTop: 8 }}>
        <span className={css.hint} style={{ margin: 0 }}>
          {t('canned.variables')}
        </span>
        {variables.map((name) => (
          <Button key={name} size="compact-xs" variant="default" fw={500} onClick={() => insert(name)}>
            {t(`canned.var.${name.replace('.', '_')}`)}
          </Button>
        ))}
        {fields.all.map((field) => (
          <Button
            key={field.id}
            size="compact-xs"
            variant="default"
            fw={500}
            onClick={() => insert(`contact.fields.${field.key}`)}
          >
            {field.label}
          </Button>
        ))}
      </div>
      {form.values.text.includes('{{') && (
        <div style={{ marginTop: 10 }}>
          <p className={css.hint} style={{ margin: '0 0 4px' }}>
            {t('canned.preview')}
          </p>
          <div className={css.preview}>{fill(form.values.text, sample)}</div>
        </div>
      )}
    </div>
  );
}

interface FilesProps {
  files: FileInfo[];
  busy: boolean;
  onAdd: (file: File) => void;
  onRemove: (id: string) => void;
}

function Files({ files, busy, onAdd, onRemove }: FilesProps) {
  const { t } = useTranslation('settings');
  return (
    <div className={css.chips}>
      {files.map((file) => (
        <Button
          key={file.id}
          size="compact-sm"
          variant="default"
          fw={500}
          rightSection={<IconX size={13} />}
          aria-label={t('canned.remove_file', { name: file.name })}
          onClick={() => onRemove(file.id)}
        >
          {file.name}
        </Button>
      ))}
      <FileButton onChange={(file) => file && onAdd(file)}>
        {(props) => (
          <Button
            variant="subtle"
            color="gray"
            size="compact-sm"
            loading={busy}
            leftSection={<IconPaperclip size={14} />}
            {...props}
          >
            {t('canned.attach')}
          </Button>
        )}
      </FileButton>
    </div>
  );
}
