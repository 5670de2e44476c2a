import { ActionIcon } from '@mantine/core';
import { IconArrowDown } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { jumpToLatest } from '@/api/items';
import type { Window } from '@/api/timeline-cache';
import type { Conversation } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { dayTitle } from '@/ui';
import { ItemView } from './ItemView';
import { OutgoingView } from './OutgoingView';
import { estimate, type Row } from './rows';
import classes from './Timeline.module.css';
import { useItemFocus } from './useItemFocus';
import { useMore } from './useMore';
import { useReading } from './useReading';

interface Props {
  conversation: Conversation;
  window: Window;
  rows: Row[];
  lit?: string;
  /** What the customer has typed so far, where that is told. */
  typed?: string;
  startAt?: string;
  /** How many of our own are under way: one more brings the end into sight. */
  sent: number;
}

const nearEnd = 80;

export function Viewport({ conversation: c, window, rows, lit, typed, startAt, sent }: Props) {
  const { t, i18n } = useTranslation('timeline');
  const client = useQueryClient();
  const scroll = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: (i) => estimate(rows[i]),
    getItemKey: (i) => rows[i]?.key ?? i,
    overscan: 8,
    paddingStart: 10,
    paddingEnd: 10,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: nearEnd,
  });

  const placed = useRef(false);
  useLayoutEffect(() => {
    if (placed.current || !rows.length) return;
    placed.current = true;
    const fresh = startAt ? rows.findIndex((r) => r.kind === 'new') : -1;
    if (fresh >= 0) virtual.scrollToIndex(fresh, { align: 'start' });
    else virtual.scrollToEnd();
  }, [rows, startAt, virtual]);

  useEffect(() => {
    if (sent > 0) virtual.scrollToEnd();
  }, [sent, virtual]);

  // Only a new jump scrolls; rows that change later must not.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    if (!lit) return;
    const index = rows.findIndex((r) => r.kind === 'item' && r.ids.includes(lit));
    if (index >= 0) virtual.scrollToIndex(index, { align: 'center' });
  }, [lit]);

  const stick = useStick(scroll, placed, virtual.getTotalSize());
  const visible = virtual.getVirtualItems();
  useMore(c.id, window, visible[0]?.index ?? 0, visible.at(-1)?.index ?? 0, rows.length);
  useReading(c, window, atEnd && !window.has_after);
  const focus = useItemFocus(rows, (i) => virtual.scrollToIndex(i, { align: 'auto' }));

  const top = virtual.range ? rows[virtual.range.startIndex] : undefined;
  const day = top?.kind === 'item' ? top.item.at : undefined;
  const toEnd = async () => {
    await jumpToLatest(client, c.id).catch(() => undefined); // what is loaded still has an end
    virtual.scrollToEnd();
  };
  return (
    <div className={classes.timeline}>
      {day && (
        <div className={classes.sticky} aria-hidden>
          {dayTitle(day, i18n.language, t)}
        </div>
      )}
      <div
        ref={scroll}
        id="timeline"
        className={classes.scroll}
        role="feed"
        aria-label={t('label')}
        tabIndex={0}
        onKeyDown={focus.onKeyDown}
        onScroll={(e) => setAtEnd(stick(e.currentTarget))}
      >
        <div className={classes.inner} style={{ height: virtual.getTotalSize() }}>
          {visible.map((v) => {
            const row = rows[v.index];
            if (!row) return null;
            return (
              <div
                key={v.key}
                data-index={v.index}
                ref={virtual.measureElement}
                className={classes.slot}
                style={{ transform: `translateY(${v.start}px)` }}
              >
                <RowView
                  row={row}
                  index={v.index}
                  group={c.group}
                  lit={lit}
                  typed={typed}
                  t={t}
                  lang={i18n.language}
                />
              </div>
            );
          })}
        </div>
      </div>
      {(!atEnd || window.has_after) && (
        <ActionIcon
          className={classes.down}
          size={38}
          radius={20}
          variant="default"
          onClick={toEnd}
          aria-label={t('to_end')}
          title={t('to_end')}
        >
          <IconArrowDown size={19} />
          {c.unread > 0 && <span className={classes.count}>{c.unread}</span>}
        </ActionIcon>
      )}
      <Announcer window={window} />
    </div>
  );
}

/**
 * Whoever is at the end stays there while rows are measured, the composer grows or something new comes;
 * only scrolling up lets go.
 */
function useStick(scroll: RefObject<HTMLDivElement | null>, placed: RefObject<boolean>, total: number) {
  const held = useRef(false);
  const top = useRef(0);
  const pull = useCallback(() => {
    const element = scroll.current;
    if (element && held.current) element.scrollTop = element.scrollHeight;
  }, [scroll]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height of all rows is what has changed
  useLayoutEffect(pull, [total, pull]);
  useEffect(() => {
    const element = scroll.current;
    if (!element) return;
    const observer = new ResizeObserver(pull);
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroll, pull]);
  return useCallback(
    (element: HTMLDivElement): boolean => {
      const rest = element.scrollHeight - element.scrollTop - element.clientHeight;
      if (rest <= nearEnd && placed.current) held.current = true;
      else if (element.scrollTop < top.current - 2) held.current = false;
      top.current = element.scrollTop;
      return rest <= nearEnd;
    },
    [placed],
  );
}

interface RowProps {
  row: Row;
  index: number;
  group: boolean;
  lit?: string;
  typed?: string;
  t: ReturnType<typeof useTranslation>['t'];
  lang: string;
}

function RowView({ row, index, group, lit, typed, t, lang }: RowProps) {
  switch (row.kind) {
    case 'day':
      return (
        <div className={classes.day}>
          <span>{dayTitle(row.at, lang, t)}</span>
        </div>
      );
    case 'new':
      return (
        <div className={classes.fresh}>
          <span>{t('new')}</span>
        </div>
      );
    case 'typing':
      return (
        <div className={classes.typing}>
          <span className={classes.dots} aria-hidden>
            <i />
            <i />
            <i />
          </span>
          {typed && <span className={classes.typed}>{typed}</span>}
          <span className="sr">{t('typing')}</span>
        </div>
      );
    case 'outgoing':
      return <OutgoingView out={row.out} first={row.first} />;
    default:
      return (
        <article
          id={`item-${row.item.id}`}
          tabIndex={-1}
          className={classes.item}
          aria-posinset={index + 1}
          aria-setsize={-1}
        >
          <ItemView
            item={row.item}
            first={row.first}
            last={row.last}
            channel={row.channel}
            group={group}
            lit={!!lit && row.ids.includes(lit)}
          />
        </article>
      );
  }
}

/** Says new words of the customer aloud; the feed itself would read everything that scrolls by. */
function Announcer({ window }: { window: Window }) {
  const { t } = useTranslation(['timeline', 'common']);
  const last = window.items.at(-1);
  const seen = useRef(last?.id);
  const [words, setWords] = useState('');
  useEffect(() => {
    if (!last || last.id === seen.current) return;
    seen.current = last.id;
    if (last.direction !== 'in') return;
    const text = last.content.text || (last.files[0] ? t(`common:files.${last.files[0].kind}`) : '');
    setWords(t('announce', { name: last.author.name, text }));
  }, [last, t]);
  return (
    <div className="sr" aria-live="polite">
      {words}
    </div>
  );
}
