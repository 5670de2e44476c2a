import { useInboxes, useTeams, useUsers } from '@/api/reference';
import type { Item } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { clock, dateTime } from '@/ui';
import classes from './Item.module.css';

/** What happened, small and in the middle. */
export function EventLine({ item }: { item: Item }) {
  const { i18n } = useTranslation('events');
  const text = useEventText(item);
  return (
    <div className={classes.event}>
      {text} · <time dateTime={item.at}>{clock(item.at, i18n.language)}</time>
    </div>
  );
}

function useEventText(item: Item): string {
  const { t, i18n } = useTranslation('events');
  const users = useUsers();
  const teams = useTeams();
  const inboxes = useInboxes();
  const e = item.event;
  if (!e) return item.content.text ?? '';
  const d = e.data ?? {};
  // Who did it is the item's author; whom it concerns is the event's user.
  const actor = item.author.type === 'user' ? item.author.id : undefined;
  const by = item.author.name || (actor && users.byId.get(actor)?.name) || t('system');
  const to = e.user_id ?? d.assignee_id;
  const user = (to && users.byId.get(to)?.name) || d.user_name || d.name || '';
  const team = (d.team_id && teams.byId.get(d.team_id)?.name) || d.team_name || '';
  let key = e.type.replace('.', '_');
  if (e.type === 'conversation.assigned') {
    if (to && to === actor) key += '_self';
    else if (!actor) key += '_auto';
  }
  if (e.type === 'conversation.team_changed' && !team) key = 'conversation_team_cleared';
  if (e.type === 'contact.started' && d.payload) key += '_payload';
  if (e.type === 'item.change_refused') key += `_${d.what}`;
  if (e.type === 'channel.notice')
    return t([`notice.${d.code}`, 'notice.other'], { channel: d.channel, code: d.code });
  const until = d.until ?? d.snoozed_until;
  return t([key, 'unknown'], {
    ...d,
    by,
    user,
    team,
    inbox: (d.inbox_id && inboxes.byId.get(d.inbox_id)?.name) || d.inbox_name || '',
    until: until ? dateTime(until, i18n.language) : '',
    name: d.name ?? d.loser_name ?? '',
    text: d.text ?? item.content.text ?? '',
    type: e.type,
  });
}
