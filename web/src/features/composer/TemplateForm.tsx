import { Button, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { keys } from '@/api/keys';
import type { ID, List, Template, TemplateInfo } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { EmptyState, ErrorState, SkeletonBlock } from '@/ui';
import classes from './Composer.module.css';
import { filled, isApproved, place } from './template';

interface Props {
  channel: ID;
  onSend: (template: Template) => void;
}

/** Picks one of the account's approved templates and fills in its variables, with the result in sight. */
export function TemplateForm({ channel, onSend }: Props) {
  const { t } = useTranslation('composer');
  const query = useQuery({
    queryKey: keys.templates(channel),
    queryFn: ({ signal }) =>
      api.get<List<TemplateInfo>>(`/channels/${channel}/templates`, undefined, { signal }),
    staleTime: 300_000,
  });
  const [chosen, setChosen] = useState<string | null>(null);
  const [values, setValues] = useState<Record<string, string>>({});
  if (query.isPending) return <SkeletonBlock lines={2} />;
  if (query.isError) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  const list = query.data.items.filter(isApproved);
  if (!list.length) return <EmptyState title={t('template.none')} text={t('template.none_text')} />;
  const id = (x: TemplateInfo) => `${x.name}/${x.language}`;
  const info = list.find((x) => id(x) === chosen) ?? (list[0] as TemplateInfo);
  const complete = info.variables.every((v) => values[v.key]?.trim());
  const body = filled('body', info.body, values);
  const label = (key: string) => {
    const { where, name } = place(info, key);
    return t(`template.part.${where}`, { name });
  };
  return (
    <form
      className={classes.template}
      onSubmit={(e) => {
        e.preventDefault();
        if (complete) onSend({ name: info.name, language: info.language, variables: values, body });
      }}
    >
      <p className={classes.explain}>{t('template.why')}</p>
      <Select
        size="xs"
        label={t('template.choose')}
        data={list.map((x) => ({ value: id(x), label: `${x.name} · ${x.language}` }))}
        value={id(info)}
        onChange={(v) => {
          setChosen(v);
          setValues({});
        }}
        allowDeselect={false}
      />
      <div className={classes.variables}>
        {info.variables.map((v) => (
          <TextInput
            key={v.key}
            size="xs"
            label={label(v.key)}
            placeholder={v.example}
            value={values[v.key] ?? ''}
            onChange={(e) => {
              const { value } = e.currentTarget;
              setValues((old) => ({ ...old, [v.key]: value }));
            }}
          />
        ))}
      </div>
      <div className={classes.templateView}>
        {info.header && <b>{filled('header', info.header, values)}</b>}
        <span>{body}</span>
        {info.footer && <small>{info.footer}</small>}
        {info.buttons.length > 0 && <small>{info.buttons.map((b) => `[${b.text}]`).join(' ')}</small>}
      </div>
      <Button type="submit" size="sm" disabled={!complete} className={classes.end}>
        {t('template.send')}
      </Button>
    </form>
  );
}
