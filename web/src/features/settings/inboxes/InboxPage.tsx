import {
  ActionIcon,
  Button,
  Checkbox,
  MultiSelect,
  NumberInput,
  Radio,
  Textarea,
  TextInput,
} from '@mantine/core';
import { type UseFormReturnType, useForm } from '@mantine/form';
import { IconArrowLeft } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { api } from '@/api/client';
import { keys } from '@/api/keys';
import { inboxesQuery, useMe, useTeams } from '@/api/reference';
import type { Inbox } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { ConfirmInline, EmptyState, Page, toast } from '@/ui';
import { Card, ColorPick, Loaded, palette, useSave } from '../kit';
import css from '../kit/kit.module.css';
import { HoursEditor } from './HoursEditor';
import { checkHours, toWeek } from './hours';

type Values = Pick<
  Inbox,
  'name' | 'color' | 'team_ids' | 'hours' | 'routing' | 'reopen_hours' | 'greeting' | 'away_message'
>;

/** One inbox: its people, routing, hours and automatic answers. "new" makes one. */
export function InboxPage({ id }: { id: string }) {
  const { t } = useTranslation('settings');
  const inboxes = useQuery(inboxesQuery);
  const back = (
    <ActionIcon
      aria-label={t('inboxes.back')}
      renderRoot={(props) => <Link to="/settings/$section" params={{ section: 'inboxes' }} {...props} />}
    >
      <IconArrowLeft size={18} />
    </ActionIcon>
  );
  const inbox = inboxes.data?.find((i) => i.id === id);
  return (
    <Page title={inbox?.name ?? (id === 'new' ? t('inboxes.add') : t('inboxes.title'))} before={back}>
      <Loaded query={inboxes}>
        {(all) =>
          inbox || id === 'new' ? (
            <InboxForm key={id} inbox={inbox} index={all.length} />
          ) : (
            <EmptyState title={t('nav.unknown')} />
          )
        }
      </Loaded>
    </Page>
  );
}

function initial(inbox: Inbox | undefined, index: number, timezone: string): Values {
  return {
    name: inbox?.name ?? '',
    color: inbox?.color ?? palette[index % palette.length]?.[1] ?? '#2f5bea',
    team_ids: inbox?.team_ids ?? [],
    hours: inbox?.hours ?? {
      timezone,
      always: false,
      week: [1, 2, 3, 4, 5].map((day) => ({ day, from: '09:00', to: '18:00' })),
      holidays: [],
    },
    routing: inbox?.routing ?? { mode: 'manual', capacity: 0, only_online: true },
    reopen_hours: inbox?.reopen_hours ?? 24,
    greeting: inbox?.greeting ?? '',
    away_message: inbox?.away_message ?? '',
  };
}

function InboxForm({ inbox, index }: { inbox?: Inbox; index: number }) {
  const { t } = useTranslation('settings');
  const me = useMe();
  const navigate = useNavigate();
  const form = useForm<Values>({
    initialValues: initial(inbox, index, me.workspace.timezone),
    validate: {
      name: (v) => (v.trim() ? null : t('inboxes.need_name')),
      hours: (hours) => (checkHours(hours, toWeek(hours)).length > 0 ? 'hours' : null),
    },
  });
  const stale = [keys.inboxes, keys.channels, keys.me];
  const save = useSave({
    form,
    stale,
    save: (values: Values) => {
      const body = { ...values, name: values.name.trim() };
      return inbox ? api.patch<Inbox>(`/inboxes/${inbox.id}`, body) : api.post<Inbox>('/inboxes', body);
    },
    done: (saved) => {
      toast(t('kit.saved'));
      form.resetDirty();
      if (!inbox)
        navigate({
          to: '/settings/$section/$id',
          params: { section: 'inboxes', id: saved.id },
          replace: true,
        });
    },
  });
  const remove = useSave({
    stale,
    save: () => api.delete(`/inboxes/${inbox?.id}`),
    done: () => navigate({ to: '/settings/$section', params: { section: 'inboxes' } }),
  });
  return (
    <form onSubmit={form.onSubmit((values) => save.run(values))} noValidate>
      <Basics form={form} />
      <Routing form={form} />
      <Card title={t('hours.title')}>
        <HoursEditor
          value={form.values.hours}
          onChange={(hours) => form.setFieldValue('hours', hours)}
          country={me.workspace.country}
        />
      </Card>
      <Texts form={form} />
      {(save.problem || remove.problem) && (
        <p className={css.problem} role="alert">
          {save.problem ?? remove.problem}
        </p>
      )}
      <div className={css.foot}>
        <Button type="submit" loading={save.busy} disabled={Boolean(inbox) && !form.isDirty()}>
          {t('kit.save')}
        </Button>
        {inbox && (
          <span className={css.push}>
            {inbox.channels > 0 ? (
              <span className={css.hint}>{t('inboxes.delete_blocked')}</span>
            ) : (
              <ConfirmInline
                label={t('inboxes.delete')}
                confirm={t('inboxes.delete')}
                loading={remove.busy}
                onConfirm={() => remove.run()}
              />
            )}
          </span>
        )}
      </div>
    </form>
  );
}

type FormProps = { form: UseFormReturnType<Values> };

function Basics({ form }: FormProps) {
  const { t } = useTranslation('settings');
  const teams = useTeams();
  return (
    <Card title={t('inboxes.basics')}>
      <div className={css.form}>
        <TextInput
          label={t('inboxes.name')}
          placeholder={t('inboxes.name_placeholder')}
          required
          {...form.getInputProps('name')}
        />
        <ColorPick
          label={t('inboxes.color')}
          value={form.values.color}
          onChange={(color) => form.setFieldValue('color', color)}
        />
        <MultiSelect
          label={t('inboxes.teams')}
          description={t('inboxes.teams_hint')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          placeholder={form.values.team_ids.length === 0 ? t('inboxes.everybody') : undefined}
          hidePickedOptions
          data={teams.all.map((team) => ({ value: team.id, label: team.name }))}
          {...form.getInputProps('team_ids')}
        />
      </div>
    </Card>
  );
}

function Routing({ form }: FormProps) {
  const { t } = useTranslation('settings');
  const automatic = form.values.routing.mode !== 'manual';
  return (
    <Card title={t('inboxes.routing')}>
      <div className={css.form}>
        <Radio.Group label={t('inboxes.mode')} {...form.getInputProps('routing.mode')}>
          <div className={css.form} style={{ gap: 10, marginTop: 8 }}>
            {(['manual', 'round_robin', 'least_busy'] as const).map((mode) => (
              <Radio
                key={mode}
                value={mode}
                label={t(`inboxes.mode_${mode}`)}
                description={t(`inboxes.mode_${mode}_hint`)}
              />
            ))}
          </div>
        </Radio.Group>
        {automatic && (
          <>
            <NumberInput
              label={t('inboxes.capacity')}
              description={t('inboxes.capacity_hint')}
              inputWrapperOrder={['label', 'input', 'description', 'error']}
              maw={280}
              min={0}
              max={999}
              allowDecimal={false}
              {...form.getInputProps('routing.capacity')}
            />
            <Checkbox
              label={t('inboxes.only_online')}
              {...form.getInputProps('routing.only_online', { type: 'checkbox' })}
            />
          </>
        )}
        <NumberInput
          label={t('inboxes.reopen_hours')}
          description={t('inboxes.reopen_hint')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          min={0}
          max={8760}
          allowDecimal={false}
          {...form.getInputProps('reopen_hours')}
        />
      </div>
    </Card>
  );
}

function Texts({ form }: FormProps) {
  const { t } = useTranslation('settings');
  return (
    <Card title={t('inboxes.texts')}>
      <div className={css.form}>
        {(['greeting', 'away_message'] as const).map((name) => {
          const key = name === 'greeting' ? 'greeting' : 'away';
          return (
            <Textarea
              key={name}
              label={t(`inboxes.${key}`)}
              description={t(`inboxes.${key}_hint`)}
              inputWrapperOrder={['label', 'input', 'description', 'error']}
              autosize
              minRows={2}
              maxRows={8}
              {...form.getInputProps(name)}
            />
          );
        })}
      </div>
    </Card>
  );
}
