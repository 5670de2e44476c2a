import { Button, Select, TextInput } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { api } from '@/api/client';
import { keys } from '@/api/keys';
import { useInboxes } from '@/api/reference';
import type { Channel, ChannelKindInfo } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { Saved, useSave } from '../kit';
import kit from '../kit/kit.module.css';
import css from './channels.module.css';
import { changedValues, fieldName, groupFields, initialValues, missing, type Values } from './fields';
import { SettingField } from './SettingField';
import { WidgetPreview } from './WidgetPreview';

interface Props {
  info: ChannelKindInfo;
  channel?: Channel;
  onDone: (channel: Channel) => void;
}

/** The settings of a channel, to connect one or to change it. */
export function ChannelForm({ info, channel, onDone }: Props) {
  const { t } = useTranslation(['settings', 'channels']);
  const inboxes = useInboxes();
  const [name, setName] = useState(channel?.name ?? t(`channels:kind.${info.kind}`));
  const [inbox, setInbox] = useState<string | null>(channel?.inbox_id ?? null);
  const inboxId = inbox ?? (inboxes.all.length === 1 ? (inboxes.all[0]?.id ?? null) : null);
  const [values, setValues] = useState<Values>(() => initialValues(info.fields, channel));
  const [errors, setErrors] = useState<Record<string, string>>({});
  const save = useSave({
    stale: [keys.channels, keys.inboxes],
    atField: (field, text) => {
      const key = fieldName(field);
      if (!['name', 'inbox_id'].includes(key) && !info.fields.some((f) => f.name === key)) return false;
      setErrors({ [key]: text });
      return true;
    },
    save: () => {
      const settings = changedValues(info.fields, values, channel);
      return channel
        ? api.patch<Channel>(`/channels/${channel.id}`, { name: name.trim(), inbox_id: inboxId, settings })
        : api.post<Channel>('/channels', { kind: info.kind, name: name.trim(), inbox_id: inboxId, settings });
    },
    done: (saved) => {
      setValues(initialValues(info.fields, saved));
      onDone(saved);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = Object.fromEntries(
      missing(info.fields, values, channel).map((key) => [key, t('channels.required')]),
    );
    if (!name.trim()) found.name = t('channels.need_name');
    if (!inboxId) found.inbox_id = t('channels.need_inbox');
    setErrors(found);
    if (Object.keys(found).length === 0) save.run();
  };
  const set = (key: string, value: string) => {
    setValues((old) => ({ ...old, [key]: value }));
    setErrors(({ [key]: _, ...rest }) => rest);
  };
  const form = (
    <form className={kit.form} onSubmit={submit} noValidate>
      <div className={kit.grid2}>
        <TextInput
          label={t('channels.name')}
          required
          error={errors.name}
          value={name}
          onChange={(e) => setName(e.currentTarget.value)}
        />
        <Select
          label={t('channels.inbox')}
          required
          allowDeselect={false}
          error={errors.inbox_id}
          data={inboxes.all.map((i) => ({ value: i.id, label: i.name }))}
          value={inboxId}
          onChange={setInbox}
        />
      </div>
      <Groups info={info} channel={channel} values={values} errors={errors} onChange={set} />
      {save.problem && (
        <p className={kit.problem} role="alert">
          {save.problem}
        </p>
      )}
      <div className={kit.foot}>
        <Button type="submit" loading={save.busy}>
          {channel ? t('kit.save') : t('channels.connect')}
        </Button>
        {save.busy && !channel && <span className={kit.hint}>{t('channels.connecting')}</span>}
        <Saved show={Boolean(channel) && save.done && !save.busy} />
      </div>
    </form>
  );
  if (info.kind !== 'webchat') return form;
  return (
    <div className={css.withPreview}>
      {form}
      <WidgetPreview values={values} />
    </div>
  );
}

interface GroupsProps {
  info: ChannelKindInfo;
  channel?: Channel;
  values: Values;
  errors: Record<string, string>;
  onChange: (name: string, value: string) => void;
}

function Groups({ info, channel, values, errors, onChange }: GroupsProps) {
  const { t } = useTranslation(['settings', 'channels']);
  return groupFields(info.kind, info.fields).map((group) => {
    const fields = group.fields.map((field) => (
      <SettingField
        key={field.name}
        kind={info.kind}
        field={field}
        value={values[field.name] ?? ''}
        error={errors[field.name]}
        isSet={channel?.secrets_set.includes(field.name)}
        onChange={(value) => onChange(field.name, value)}
      />
    ));
    if (group.key === 'main') {
      return (
        <div key={group.key} className={kit.form}>
          {fields}
        </div>
      );
    }
    const wrong = group.fields.some((f) => errors[f.name]);
    return (
      <details key={group.key} className={css.fold} open={wrong || undefined}>
        <summary>
          <IconChevronRight size={15} aria-hidden />
          {t(`channels:group.${group.key}`)}
          <span className={css.foldHint}>{t(`channels:group.${group.key}_hint`)}</span>
        </summary>
        <div className={kit.form}>{fields}</div>
      </details>
    );
  });
}
