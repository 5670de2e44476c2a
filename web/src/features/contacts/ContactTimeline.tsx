import { Button } from '@mantine/core';
import { IconMessages } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { api } from '@/api/client';
import { keys } from '@/api/keys';
import type { Contact, FileInfo, ID, Item } from '@/api/types';
import { type TimelineActions, TimelineContext } from '@/features/timeline/context';
import { ItemView } from '@/features/timeline/ItemView';
import { Lightbox } from '@/features/timeline/Lightbox';
import { type Row, toRows } from '@/features/timeline/rows';
import { useItemActions } from '@/features/timeline/useItemActions';
import { useTranslation } from '@/i18n/useTranslation';
import { dayTitle, EmptyState, ErrorState, SkeletonRows } from '@/ui';
import css from './contacts.module.css';

interface Page {
  items: Item[];
  has_before: boolean;
  has_after: boolean;
}

/** Every conversation of a contact as one story, newest at the foot; what is answered is answered in its conversation. */
export function ContactTimeline({ contact }: { contact: Contact }) {
  const { t, i18n } = useTranslation(['contacts', 'timeline']);
  const story = useInfiniteQuery({
    queryKey: keys.contactTimeline(contact.id),
    queryFn: ({ pageParam, signal }) =>
      api.get<Page>(`/contacts/${contact.id}/timeline`, { before: pageParam, limit: 60 }, { signal }),
    initialPageParam: undefined as ID | undefined,
    getNextPageParam: (oldest) => (oldest.has_before ? oldest.items[0]?.id : undefined),
    staleTime: 0,
  });
  const [shown, setShown] = useState<FileInfo>();
  const items = useMemo(
    () => (story.data ? [...story.data.pages].reverse().flatMap((p) => p.items) : []),
    [story.data],
  );
  const days = useMemo(() => byDay(toRows(items, [], undefined, false)), [items]);
  const actions = useReadingActions(items, setShown);
  if (story.isError && !story.data)
    return <ErrorState error={story.error} onRetry={() => void story.refetch()} />;
  if (!story.data) return <SkeletonRows rows={8} avatar={false} />;
  if (items.length === 0) {
    return (
      <EmptyState icon={IconMessages} title={t('one.timeline_empty')} text={t('one.timeline_empty_text')} />
    );
  }
  return (
    <TimelineContext.Provider value={actions}>
      <div className={css.story} tabIndex={0} role="region" aria-label={t('one.history')}>
        <div>
          {story.hasNextPage && (
            <div className={css.earlier}>
              <Button
                variant="default"
                loading={story.isFetchingNextPage}
                onClick={() => void story.fetchNextPage()}
              >
                {t('one.earlier')}
              </Button>
            </div>
          )}
          {days.map((day) => (
            <section key={day.at}>
              <div className={css.day}>
                <span>{dayTitle(day.at, i18n.language, t)}</span>
              </div>
              {day.rows.map((row) => (
                <div key={row.key} className={css.storyItem}>
                  <ItemView item={row.item} first={row.first} last={row.last} group={false} lit={false} />
                </div>
              ))}
            </section>
          ))}
        </div>
      </div>
      {shown && <Lightbox file={shown} items={items} onClose={() => setShown(undefined)} />}
    </TimelineContext.Provider>
  );
}

type ItemRow = Extract<Row, { kind: 'item' }>;

/** Rows under the day they belong to, so that each day's heading leaves with its day. */
function byDay(rows: Row[]): { at: string; rows: ItemRow[] }[] {
  const days: { at: string; rows: ItemRow[] }[] = [];
  for (const row of rows) {
    if (row.kind === 'day') days.push({ at: row.at, rows: [] });
    else if (row.kind === 'item') days.at(-1)?.rows.push(row);
  }
  return days;
}

/** Reading here, acting there: whatever needs a composer or a menu opens the item's conversation. */
function useReadingActions(items: Item[], show: (file: FileInfo) => void): TimelineActions {
  const navigate = useNavigate();
  const deeds = useItemActions();
  return useMemo(() => {
    const open = (item: Item) =>
      void navigate({
        to: '/c/$conversationId',
        params: { conversationId: item.conversation_id },
        search: { item: item.id },
      });
    const jump = (id: ID) => {
      const item = items.find((i) => i.id === id);
      if (item) open(item);
    };
    return { ...deeds, reply: open, edit: open, history: open, menu: open, show, jump };
  }, [navigate, deeds, items, show]);
}
