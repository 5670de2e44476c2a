import { Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api } from '@/api/client';
import { keys } from '@/api/keys';
import type { Edition, Item, List } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { dateTime, ErrorState, SkeletonBlock } from '@/ui';
import classes from './ItemMenu.module.css';
import { MarkedText } from './MarkedText';

/** Every wording that a message has had. */
export function History({ item, onClose }: { item: Item; onClose: () => void }) {
  const { t, i18n } = useTranslation(['timeline', 'common']);
  const query = useQuery({
    queryKey: keys.editions(item.id),
    queryFn: ({ signal }) => api.get<List<Edition>>(`/items/${item.id}/editions`, undefined, { signal }),
    staleTime: 0,
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('menu.history')}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
    >
      {query.isPending && <SkeletonBlock />}
      {query.isError && <ErrorState error={query.error} onRetry={() => query.refetch()} />}
      <div className={classes.history}>
        {query.data?.items.map((e) => (
          <div key={e.at} className={classes.edition}>
            <time dateTime={e.at}>{dateTime(e.at, i18n.language)}</time>
            <MarkedText text={e.content.text ?? ''} marks={e.content.marks} />
          </div>
        ))}
      </div>
    </Modal>
  );
}
