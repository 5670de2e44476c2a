import { IconInbox, IconMoodSmile } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import { flatten } from '@/api/conversation-list';
import { useConversationList } from '@/api/conversations';
import { prefetchItems } from '@/api/items';
import { useTranslation } from '@/i18n/useTranslation';
import { EmptyState, ErrorState, SkeletonRows } from '@/ui';
import classes from './ListPane.module.css';
import { Row } from './Row';
import { countNarrowing, type useList } from './useList';
import { useRowKeys } from './useRowKeys';
import type { Selection } from './useSelection';

const rowHeight = 58;

export function Rows({ list, selection }: { list: ReturnType<typeof useList>; selection: Selection }) {
  const { t } = useTranslation('conversations');
  const { filter, conversationId } = list;
  const client = useQueryClient();
  const query = useConversationList(filter);
  const rows = useMemo(() => flatten(query.data), [query.data]);
  const scroll = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    getItemKey: (i) => rows[i]?.id ?? i,
  });
  const { cursor, setCursor } = useRowKeys({
    rows,
    openId: conversationId,
    scrollTo: (i) => virtual.scrollToIndex(i),
    onSelect: selection.toggle,
  });
  const order = useMemo(() => rows.map((c) => c.id), [rows]);
  useEffect(() => selection.setOrder(order), [selection, order]);

  const visible = virtual.getVirtualItems();
  const last = visible.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && last >= rows.length - 30) fetchNextPage();
  }, [last, rows.length, hasNextPage, isFetchingNextPage, fetchNextPage]);

  // Going over rows quickly asks for nothing; resting on one does.
  const rest = useRef<ReturnType<typeof setTimeout>>(undefined);
  const prefetch = useCallback(
    (id: string) => {
      clearTimeout(rest.current);
      rest.current = setTimeout(() => prefetchItems(client, id), 120);
    },
    [client],
  );
  useEffect(() => () => clearTimeout(rest.current), []);

  if (query.isPending) return <SkeletonRows rows={10} />;
  if (query.isError && !rows.length)
    return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  if (!rows.length) {
    const narrowed = countNarrowing(filter) > 0;
    return (
      <div className={classes.scroll} id="conversation-rows">
        <EmptyState
          icon={narrowed ? IconInbox : IconMoodSmile}
          title={t(narrowed ? 'empty.narrowed' : `empty.${filter.scope ?? 'mine'}`)}
          text={t(narrowed ? 'empty.narrowed_text' : `empty.${filter.scope ?? 'mine'}_text`)}
        />
      </div>
    );
  }
  return (
    <div className={classes.scroll} ref={scroll} id="conversation-rows">
      <div
        className={classes.inner}
        style={{ height: virtual.getTotalSize() }}
        role="list"
        aria-label={t('list')}
      >
        {visible.map((v) => {
          const c = rows[v.index];
          if (!c) return null;
          return (
            <div
              key={v.key}
              className={classes.slot}
              style={{ transform: `translateY(${v.start}px)` }}
              role="presentation"
            >
              <Row
                conversation={c}
                index={v.index}
                count={query.hasNextPage ? -1 : rows.length}
                open={c.id === conversationId}
                cursor={v.index === cursor}
                selected={selection.ids.has(c.id)}
                selecting={selection.ids.size > 0}
                showAssignee={filter.scope !== 'mine'}
                onSelect={selection.toggle}
                onFocus={setCursor}
                onPrefetch={prefetch}
              />
            </div>
          );
        })}
      </div>
      {isFetchingNextPage && <div className={classes.more}>{t('common:state.loading')}</div>}
    </div>
  );
}
