import { Button, Popover, ScrollArea } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconBell } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { errorText } from '@/api/error';
import { keys } from '@/api/keys';
import type { List, Notification } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { EmptyState, ErrorState, SkeletonRows, toast } from '@/ui';
import { markRead, unreadCount } from './link';
import { NotificationRow } from './NotificationRow';
import css from './notifications.module.css';

const notificationsQuery = {
  queryKey: keys.notifications,
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    api.get<List<Notification>>('/notifications', { limit: 100 }, { signal }),
};

function useRead() {
  const { t } = useTranslation('notifications');
  const client = useQueryClient();
  return useMutation({
    mutationFn: (ids?: string[]) => api.post('/notifications/read', { ids }),
    onMutate: (ids) => {
      const before = client.getQueryData<List<Notification>>(keys.notifications);
      const now = new Date().toISOString();
      client.setQueryData<List<Notification>>(
        keys.notifications,
        (old) => old && { ...old, items: markRead(old.items, ids, now) },
      );
      return before;
    },
    onError: (error, _, before) => {
      client.setQueryData(keys.notifications, before);
      toast(errorText(t, error), 'error');
    },
  });
}

/** The bell of the rail with what is new behind it; className makes it look like its neighbours. */
export function NotificationsButton({ className }: { className: string }) {
  const { t } = useTranslation('notifications');
  const [open, setOpen] = useState(false);
  const phone = useMediaQuery('(max-width: 700px)');
  const list = useQuery(notificationsQuery);
  const read = useRead();
  const unread = unreadCount(list.data?.items ?? []);
  const label = unread > 0 ? t('open', { count: unread }) : t('open_none');
  return (
    <Popover
      opened={open}
      onChange={setOpen}
      position={phone ? 'top' : 'right-end'}
      width={360}
      trapFocus
      returnFocus
      withinPortal
    >
      <Popover.Target>
        <button
          type="button"
          className={`${className} ${css.bell}`}
          aria-label={label}
          title={label}
          aria-haspopup="dialog"
          onClick={() => setOpen(!open)}
        >
          <IconBell size={21} stroke={1.7} aria-hidden />
          {unread > 0 && <span className={css.count}>{unread > 99 ? '99+' : unread}</span>}
        </button>
      </Popover.Target>
      <Popover.Dropdown p={0} aria-label={t('title')} className={css.box}>
        <div className={css.head}>
          <h2>{t('title')}</h2>
          {unread > 0 && (
            <Button size="compact-xs" variant="subtle" onClick={() => read.mutate(undefined)}>
              {t('read_all')}
            </Button>
          )}
        </div>
        <ScrollArea.Autosize mah="min(62dvh, 520px)" type="auto">
          {list.isPending && <SkeletonRows rows={4} />}
          {list.isError && !list.data && (
            <ErrorState error={list.error} onRetry={() => void list.refetch()} />
          )}
          {list.data?.items.length === 0 && (
            <EmptyState icon={IconBell} title={t('empty')} text={t('empty_text')} />
          )}
          {list.data && (
            <ul className={css.list}>
              {list.data.items.map((n) => (
                <li key={n.id}>
                  <NotificationRow
                    notification={n}
                    onOpen={() => {
                      if (!n.read_at) read.mutate([n.id]);
                      setOpen(false);
                    }}
                  />
                </li>
              ))}
            </ul>
          )}
        </ScrollArea.Autosize>
      </Popover.Dropdown>
    </Popover>
  );
}
