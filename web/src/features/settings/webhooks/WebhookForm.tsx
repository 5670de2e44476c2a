import { MultiSelect, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { api } from '@/api/client';
import { keys } from '@/api/keys';
import type { Webhook } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { EditorForm, Saved, useSave } from '../kit';

/** What other programs can be told of, in the order of the contract. */
export const eventTypes = [
  'item.created',
  'item.updated',
  'conversation.created',
  'conversation.updated',
  'contact.created',
  'contact.updated',
  'contact.merged',
  'contact.unmerged',
  'channel.created',
  'channel.updated',
  'channel.deleted',
  'user.updated',
  'team.updated',
  'inbox.updated',
  'tag.updated',
  'canned.updated',
  'field.updated',
  'workspace.updated',
];

interface Props {
  webhook?: Webhook;
  onDone: (webhook: Webhook) => void;
  onCancel?: () => void;
  onDelete?: () => void;
}

export function WebhookForm({ webhook, onDone, onCancel, onDelete }: Props) {
  const { t } = useTranslation('settings');
  const form = useForm({
    initialValues: { url: webhook?.url ?? '', events: webhook?.events ?? ([] as string[]) },
    validate: { url: (v) => (/^https?:\/\/\S+$/.test(v.trim()) ? null : t('webhooks.need_url')) },
  });
  const save = useSave({
    form,
    stale: [keys.webhooks],
    save: (values: typeof form.values) => {
      const body = { ...values, url: values.url.trim() };
      return webhook
        ? api.patch<Webhook>(`/webhooks/${webhook.id}`, body)
        : api.post<Webhook>('/webhooks', body);
    },
    done: onDone,
  });
  return (
    <EditorForm
      onSubmit={form.onSubmit((values) => save.run(values))}
      onCancel={onCancel}
      onDelete={onDelete}
      deleteLabel={t('webhooks.delete')}
      busy={save.busy}
      problem={save.problem}
      submit={webhook ? undefined : t('webhooks.create')}
      extra={<Saved show={Boolean(webhook) && save.done} />}
    >
      <TextInput
        label={t('webhooks.url')}
        type="url"
        required
        spellCheck={false}
        {...form.getInputProps('url')}
      />
      <MultiSelect
        label={t('webhooks.events')}
        description={t('webhooks.events_hint')}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        placeholder={form.values.events.length === 0 ? t('webhooks.all_events') : undefined}
        hidePickedOptions
        searchable
        data={eventTypes.map((type) => ({ value: type, label: t(`webhooks.event.${type}`) }))}
        {...form.getInputProps('events')}
      />
    </EditorForm>
  );
}
