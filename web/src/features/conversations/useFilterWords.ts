import { useInboxes, useTags, useTeams, useUsers } from '@/api/reference';
import { type ListSearch, narrowing } from '@/app/list-search';
import { useTranslation } from '@/i18n/useTranslation';

/** The filters that are on, each in words. */
export function useFilterWords(search: ListSearch): { key: (typeof narrowing)[number]; text: string }[] {
  const { t } = useTranslation(['conversations', 'common']);
  const inboxes = useInboxes();
  const teams = useTeams();
  const users = useUsers();
  const tags = useTags();
  return narrowing.flatMap((key) => {
    const value = search[key];
    if (!value) return [];
    const text = {
      status: () => t(`status.${value}`),
      inbox_id: () => inboxes.byId.get(String(value))?.name,
      channel_kind: () => t(`common:channel.${value}`),
      team_id: () => teams.byId.get(String(value))?.name,
      assignee_id: () => users.byId.get(String(value))?.name,
      tag_id: () => tags.byId.get(String(value))?.name,
      unread: () => t('filter.unread'),
      waiting: () => t('filter.waiting'),
      sort: () => t(`sort.${value}`),
    }[key]();
    return [{ key, text: text ?? '…' }];
  });
}
