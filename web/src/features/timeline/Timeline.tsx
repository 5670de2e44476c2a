import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import { errorText } from '@/api/error';
import { itemsQuery, jumpTo } from '@/api/items';
import { useSignals } from '@/api/live/signals';
import { useOutbox } from '@/api/outbox';
import type { Conversation, FileInfo, Item } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { ErrorState, SkeletonRows, toast } from '@/ui';
import { type TimelineActions, TimelineContext } from './context';
import { firstUnread, toRows } from './rows';
import classes from './Timeline.module.css';
import { useItemActions } from './useItemActions';
import { Viewport } from './Viewport';

const ItemMenu = lazy(() => import('./ItemMenu').then((m) => ({ default: m.ItemMenu })));
const Lightbox = lazy(() => import('./Lightbox').then((m) => ({ default: m.Lightbox })));
const History = lazy(() => import('./History').then((m) => ({ default: m.History })));

interface Props {
  conversation: Conversation;
  onReply: (item: Item) => void;
  onEdit: (item: Item) => void;
}

/** A conversation's items from the first unread on, growing both ways. */
export function Timeline({ conversation: c, onReply, onEdit }: Props) {
  const { t } = useTranslation('timeline');
  const client = useQueryClient();
  const navigate = useNavigate();
  const wanted = (useSearch({ strict: false }) as { item?: string }).item;
  const query = useQuery(itemsQuery(client, c.id));
  const outgoing = useOutbox(c.id);
  const typing = useSignals(c.id).find((s) => !s.user_id);
  const window = query.data;
  const [lit, setLit] = useState<string>();
  const [menu, setMenu] = useState<{ item: Item; x: number; y: number }>();
  const [shown, setShown] = useState<FileInfo>();
  const [history, setHistory] = useState<Item>();

  // Where the "new" line stands is settled at opening (or when something comes while the reader is away).
  const [mark, setMark] = useState<{ unread: number; id?: string }>();
  if (window && !mark) setMark({ unread: c.unread, id: firstUnread(window.items, c) });
  if (window && mark && c.unread !== mark.unread) {
    setMark({ unread: c.unread, id: mark.unread === 0 ? firstUnread(window.items, c) : mark.id });
  }
  const newest = outgoing.length;
  useEffect(() => {
    if (newest > 0) setMark((old) => old && { ...old, id: undefined });
  }, [newest]);

  const rows = useMemo(
    () => (window ? toRows(window.items, outgoing, mark?.id, !!typing) : []),
    [window, outgoing, mark?.id, typing],
  );

  const jump = useCallback(
    async (id: string) => {
      try {
        await jumpTo(client, c.id, id);
        setLit(undefined);
        requestAnimationFrame(() => setLit(id));
      } catch (error) {
        toast(errorText(t, error), 'error');
      }
    },
    [client, c.id, t],
  );
  const ready = !!window;
  useEffect(() => {
    if (!wanted || !ready) return;
    jump(wanted);
    navigate({ to: '.', search: (s: object) => ({ ...s, item: undefined }), replace: true } as never);
  }, [wanted, ready, jump, navigate]);

  const deeds = useItemActions();
  const actions = useMemo<TimelineActions>(
    () => ({
      ...deeds,
      reply: onReply,
      edit: onEdit,
      history: setHistory,
      menu: (item, x, y) => setMenu({ item, x, y }),
      show: setShown,
      jump,
    }),
    [deeds, onReply, onEdit, jump],
  );

  if (query.isError && !window) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  if (!window) {
    return (
      <div className={classes.loading}>
        <SkeletonRows rows={6} avatar={false} />
      </div>
    );
  }
  return (
    <TimelineContext.Provider value={actions}>
      <Viewport
        conversation={c}
        window={window}
        rows={rows}
        lit={lit}
        typed={typing?.text}
        startAt={mark?.id}
        sent={newest}
      />
      <Suspense fallback={null}>
        {menu && <ItemMenu {...menu} onClose={() => setMenu(undefined)} />}
        {shown && <Lightbox file={shown} items={window.items} onClose={() => setShown(undefined)} />}
        {history && <History item={history} onClose={() => setHistory(undefined)} />}
      </Suspense>
    </TimelineContext.Provider>
  );
}
