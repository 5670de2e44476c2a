import { ActionIcon, Button, Select, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch, IconX } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type KeyboardEvent, useEffect, useState } from 'react';
import { api } from '@/api/client';
import { keys } from '@/api/keys';
import { useInboxes } from '@/api/reference';
import type { List, SearchHit } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { EmptyState, ErrorState, SkeletonRows } from '@/ui';
import { HitRow } from './HitRow';
import { groupHits, hitKey, kinds } from './hits';
import css from './search.module.css';

type Params = { q?: string; kind?: string; inbox_id?: string; from?: string; to?: string };

/** Everything ever said, found by word form, name, number or file; the address keeps what was asked. */
export function SearchPage() {
  const { t } = useTranslation('search');
  const params = useSearch({ from: '/inside/search' }) as Params;
  const navigate = useNavigate();
  const [typed, setTyped] = useState(params.q ?? '');
  const [q] = useDebouncedValue(typed.trim(), 220);
  const set = (part: Params) =>
    void navigate({ to: '/search', search: { ...params, ...part }, replace: true });
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what is typed goes into the address
  useEffect(() => {
    if (q !== (params.q ?? '')) set({ q: q || undefined });
  }, [q]);
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const stops = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-stop]')];
    const at = stops.indexOf(document.activeElement as HTMLElement);
    const next = stops[at + step];
    if (at < 0 || !next) return;
    event.preventDefault();
    next.focus();
  };
  return (
    <div className={css.page} onKeyDown={onKeyDown}>
      <div className={css.top}>
        <div>
          <h1 className="sr">{t('title')}</h1>
          <TextInput
            data-stop
            size="md"
            type="search"
            aria-label={t('title')}
            placeholder={t('placeholder')}
            autoFocus
            leftSection={<IconSearch size={18} />}
            rightSection={
              typed && (
                <ActionIcon aria-label={t('clear')} onClick={() => setTyped('')}>
                  <IconX size={16} />
                </ActionIcon>
              )
            }
            value={typed}
            onChange={(e) => setTyped(e.currentTarget.value)}
          />
          <Filters params={params} onChange={set} />
        </div>
      </div>
      <div className={css.body}>
        <div>
          <Results params={params} />
        </div>
      </div>
    </div>
  );
}

function Filters({ params, onChange }: { params: Params; onChange: (part: Params) => void }) {
  const { t } = useTranslation('search');
  const inboxes = useInboxes();
  return (
    <div className={css.filters} role="group" aria-label={t('filters')}>
      <div className={css.kinds}>
        {[undefined, ...kinds].map((kind) => (
          <button
            key={kind ?? 'all'}
            type="button"
            aria-pressed={params.kind === kind}
            onClick={() => onChange({ kind })}
          >
            {t(`kind_${kind ?? 'all'}`)}
          </button>
        ))}
      </div>
      {inboxes.all.length > 1 && (
        <Select
          size="xs"
          w={150}
          aria-label={t('inbox')}
          allowDeselect={false}
          data={[
            { value: '', label: t('any_inbox') },
            ...inboxes.all.map((i) => ({ value: i.id, label: i.name })),
          ]}
          value={params.inbox_id ?? ''}
          onChange={(value) => onChange({ inbox_id: value || undefined })}
        />
      )}
      <div className={css.dates}>
        {(['from', 'to'] as const).map((name) => (
          <label key={name}>
            {t(name)}{' '}
            <input
              type="date"
              value={params[name] ?? ''}
              onChange={(e) => onChange({ [name]: e.currentTarget.value || undefined })}
            />
          </label>
        ))}
      </div>
    </div>
  );
}

/** A day of the filter as the moment it begins, or ends, here. */
export function dayEdge(day: string | undefined, end: boolean): string | undefined {
  if (!day) return undefined;
  const at = new Date(`${day}T00:00:00`);
  if (Number.isNaN(at.getTime())) return undefined;
  if (end) at.setDate(at.getDate() + 1);
  return at.toISOString();
}

function Results({ params }: { params: Params }) {
  const { t } = useTranslation('search');
  const q = params.q ?? '';
  const asked = {
    q,
    kind: params.kind,
    inbox_id: params.inbox_id,
    from: dayEdge(params.from, false),
    to: dayEdge(params.to, true),
  };
  const long = [...q].length >= 2;
  const found = useInfiniteQuery({
    queryKey: keys.search(asked),
    queryFn: ({ pageParam, signal }) =>
      api.get<List<SearchHit>>('/search', { ...asked, limit: 40, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    enabled: long,
  });
  if (!q) return <EmptyState icon={IconSearch} title={t('start')} text={t('start_text')} />;
  if (!long) return <EmptyState icon={IconSearch} title={t('short')} />;
  if (found.isError && !found.data)
    return <ErrorState error={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data) return <SkeletonRows rows={6} />;
  const hits = found.data.pages.flatMap((p) => p.items);
  if (hits.length === 0)
    return <EmptyState icon={IconSearch} title={t('nothing')} text={t('nothing_text')} />;
  return (
    <div style={{ opacity: found.isPlaceholderData ? 0.6 : 1 }} aria-busy={found.isPlaceholderData}>
      {groupHits(hits).map((group) => (
        <section key={group.kind} className={css.group} aria-label={t(`kind_${group.kind}`)}>
          <h2>{t(`kind_${group.kind}`)}</h2>
          <ul>
            {group.hits.map((hit, i) => (
              <li key={hitKey(hit, i)}>
                <HitRow hit={hit} />
              </li>
            ))}
          </ul>
        </section>
      ))}
      {found.hasNextPage && (
        <Button
          mt={12}
          variant="default"
          loading={found.isFetchingNextPage}
          onClick={() => void found.fetchNextPage()}
        >
          {t('more')}
        </Button>
      )}
    </div>
  );
}
