import { Anchor, Button, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { keys } from '@/api/keys';
import type { Token } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { ConfirmInline, EmptyState, Page } from '@/ui';
import {
  Badge,
  EditableList,
  EditorForm,
  Loaded,
  newId,
  type Open,
  RowText,
  SecretOnce,
  useDates,
  useSave,
} from '../kit';
import css from '../kit/kit.module.css';
import { tokensQuery } from '../queries';

export function TokensPage() {
  const { t } = useTranslation('settings');
  const tokens = useQuery(tokensQuery);
  const [open, setOpen] = useState<Open>(null);
  const add = (
    <Button leftSection={<IconPlus size={15} />} onClick={() => setOpen(newId)}>
      {t('tokens.add')}
    </Button>
  );
  return (
    <Page
      title={t('tokens.title')}
      lead={t('tokens.lead')}
      actions={
        <>
          <Anchor href="/api/docs" target="_blank" fz={13} mr={8} visibleFrom="sm">
            {t('tokens.docs')}
          </Anchor>
          {add}
        </>
      }
    >
      <Loaded query={tokens}>
        {(items) => (
          <EditableList
            label={t('tokens.list')}
            items={items}
            idOf={(token) => token.id}
            open={open}
            onOpen={setOpen}
            empty={
              <EmptyState icon={IconKey} title={t('tokens.empty')} text={t('tokens.empty_text')}>
                {add}
              </EmptyState>
            }
            still={() => true}
            row={(token) => <TokenRow token={token} />}
            editor={(_, close) => <TokenForm onClose={close} />}
          />
        )}
      </Loaded>
    </Page>
  );
}

function TokenRow({ token }: { token: Token }) {
  const { t } = useTranslation('settings');
  const dates = useDates();
  const expired = token.expires_at ? Date.parse(token.expires_at) < Date.now() : false;
  const remove = useSave({ stale: [keys.tokens], save: () => api.delete(`/tokens/${token.id}`) });
  const facts = [
    t('tokens.created', { when: dates.date(token.created_at) }),
    token.last_used_at ? t('tokens.used', { when: dates.ago(token.last_used_at) }) : t('tokens.unused'),
    token.expires_at ? t('tokens.until', { when: dates.date(token.expires_at) }) : t('tokens.forever'),
  ];
  return (
    <>
      <RowText
        title={
          <>
            {token.name} <code className={css.code}>{token.prefix}…</code>
            {expired && <Badge tone="bad">{t('tokens.expired')}</Badge>}
          </>
        }
        sub={remove.problem ? <span className={css.problem}>{remove.problem}</span> : facts.join(' · ')}
      />
      <ConfirmInline
        label={t('tokens.revoke')}
        confirm={t('tokens.revoke')}
        question={t('tokens.revoke_question')}
        loading={remove.busy}
        onConfirm={() => remove.run()}
      />
    </>
  );
}

const lifetimes = ['never', '30', '90', '365'] as const;

function TokenForm({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('settings');
  const [made, setMade] = useState<Token>();
  const form = useForm({
    initialValues: { name: '', expires: 'never' },
    validate: { name: (v) => (v.trim() ? null : t('tokens.need_name')) },
  });
  const save = useSave({
    form,
    stale: [keys.tokens],
    save: ({ name, expires }: typeof form.values) => {
      const days = Number(expires);
      const until = days > 0 ? new Date(Date.now() + days * 86_400_000).toISOString() : undefined;
      return api.post<Token>('/tokens', { name: name.trim(), expires_at: until });
    },
    done: setMade,
  });
  if (made?.secret) {
    return (
      <SecretOnce
        value={made.secret}
        label={t('tokens.secret')}
        title={t('tokens.once_title', { name: made.name })}
        hint={t('tokens.once_hint')}
        onDone={onClose}
      />
    );
  }
  return (
    <EditorForm
      onSubmit={form.onSubmit((values) => save.run(values))}
      onCancel={onClose}
      busy={save.busy}
      problem={save.problem}
      submit={t('tokens.create')}
    >
      <div className={css.grid2}>
        <TextInput
          label={t('tokens.name')}
          placeholder={t('tokens.name_placeholder')}
          required
          {...form.getInputProps('name')}
        />
        <Select
          label={t('tokens.expires')}
          allowDeselect={false}
          data={lifetimes.map((value) => ({ value, label: t(`tokens.expires_${value}`) }))}
          {...form.getInputProps('expires')}
        />
      </div>
    </EditorForm>
  );
}
