import { Button, Select } from '@mantine/core';
import { IconClipboardList } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { useState } from 'react';
import { api } from '@/api/client';
import { keys } from '@/api/keys';
import { useUsers } from '@/api/reference';
import type { AuditEntry, List } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { EmptyState, ErrorState, Page, SkeletonRows } from '@/ui';
import { EditableList, type Open, RowText, useDates } from '../kit';
import css from '../kit/kit.module.css';
import { actionGroups, actionParts, details } from './entry';

/** Who changed what and when, newest first, by person and by kind of thing. */
export function AuditPage() {
  const { t } = useTranslation('settings');
  const users = useUsers();
  const [user, setUser] = useState('');
  const [action, setAction] = useState('');
  const [open, setOpen] = useState<Open>(null);
  const actions = actionGroups.map(({ group, actions: list }) => ({
    group: t(`audit.group.${group}`),
    items: list.map((value) => ({ value, label: actionText(t, value) })),
  }));
  const params = { user_id: user || undefined, action: action || undefined };
  const log = useInfiniteQuery({
    queryKey: keys.audit(params),
    queryFn: ({ pageParam, signal }) =>
      api.get<List<AuditEntry>>('/audit', { ...params, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
    staleTime: 0,
  });
  const entries = log.data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <Page title={t('audit.title')} lead={t('audit.lead')}>
      <div className={css.foot} style={{ marginBottom: 12 }}>
        <Select
          aria-label={t('audit.who')}
          allowDeselect={false}
          searchable
          data={[
            { value: '', label: t('audit.everybody') },
            ...users.all.map((u) => ({ value: u.id, label: u.name })),
          ]}
          value={user}
          onChange={(v) => setUser(v ?? '')}
        />
        <Select
          aria-label={t('audit.what')}
          allowDeselect={false}
          searchable
          data={[{ value: '', label: t('audit.any_action') }, ...actions]}
          value={action}
          onChange={(v) => setAction(v ?? '')}
        />
      </div>
      {log.isError && !log.data && <ErrorState error={log.error} onRetry={() => void log.refetch()} />}
      {log.isPending && (
        <div className={css.list}>
          <SkeletonRows rows={8} avatar={false} />
        </div>
      )}
      {log.data && (
        <EditableList
          label={t('audit.list')}
          items={entries}
          idOf={(e) => e.id}
          open={open}
          onOpen={setOpen}
          still={(e) => !e.ip && details(e).length === 0}
          empty={
            <EmptyState icon={IconClipboardList} title={t('audit.empty')} text={t('audit.empty_text')} />
          }
          row={(entry) => <EntryRow entry={entry} />}
          editor={(entry) => entry && <EntryDetail entry={entry} />}
        />
      )}
      {log.hasNextPage && (
        <Button variant="default" loading={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
          {t('audit.more')}
        </Button>
      )}
    </Page>
  );
}

function actionText(t: TFunction, action: string): string {
  const { group, verb } = actionParts(action);
  return `${t(`settings:audit.group.${group}`, group)}: ${t(`settings:audit.verb.${verb}`, verb)}`;
}

function EntryRow({ entry }: { entry: AuditEntry }) {
  const { t } = useTranslation('settings');
  const dates = useDates();
  const what = actionText(t, entry.action);
  return (
    <>
      <RowText
        title={entry.target_name ? `${what} · ${entry.target_name}` : what}
        sub={entry.user_name || t('audit.system')}
      />
      <time className={css.hint} style={{ margin: 0, whiteSpace: 'nowrap' }} dateTime={entry.at}>
        {dates.dateTime(entry.at)}
      </time>
    </>
  );
}

function EntryDetail({ entry }: { entry: AuditEntry }) {
  const { t } = useTranslation('settings');
  return (
    <dl className={css.facts}>
      <dt>{t('audit.what')}</dt>
      <dd>
        <code className={css.code}>{entry.action}</code>
      </dd>
      {entry.ip && (
        <>
          <dt>{t('audit.where')}</dt>
          <dd>{entry.ip}</dd>
        </>
      )}
      {details(entry).map(([name, value]) => (
        <div key={name} style={{ display: 'contents' }}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
