import {
  IconAlertCircle,
  IconAt,
  IconCheck,
  IconChecks,
  IconClock,
  IconMoonStars,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import { useChannels, useUsers } from '@/api/reference';
import type { Conversation } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { Avatar, RelativeTime, Waits } from '@/ui';
import { PreviewLine } from './PreviewLine';
import classes from './Row.module.css';

interface Props {
  conversation: Conversation;
  index: number;
  count: number;
  open: boolean;
  cursor: boolean;
  selected: boolean;
  selecting: boolean;
  /** Whose it is; not worth a word where all are one's own. */
  showAssignee: boolean;
  onSelect: (id: string, range: boolean) => void;
  onFocus: (index: number) => void;
  onPrefetch: (id: string) => void;
}

export const Row = memo(function Row({
  conversation: c,
  index,
  count,
  open,
  cursor,
  selected,
  selecting,
  showAssignee,
  ...on
}: Props) {
  const { t } = useTranslation('conversations');
  const channels = useChannels();
  const users = useUsers();
  const name = c.group && c.title ? c.title : c.contact.name;
  const assignee = c.assignee_id ? users.byId.get(c.assignee_id) : undefined;
  const kind = (c.channel_id && channels.byId.get(c.channel_id)?.kind) || c.channel_kinds[0];
  return (
    <div
      className={classes.row}
      role="listitem"
      aria-setsize={count}
      aria-posinset={index + 1}
      data-open={open || undefined}
      data-new={c.unread > 0 || undefined}
      data-selected={selected || undefined}
    >
      <Link
        to="/c/$conversationId"
        params={{ conversationId: c.id }}
        search={(s) => ({ ...s, item: undefined })}
        className={classes.link}
        id={`row-${c.id}`}
        tabIndex={cursor ? 0 : -1}
        aria-current={open ? 'true' : undefined}
        onFocus={() => on.onFocus(index)}
        onPointerEnter={() => on.onPrefetch(c.id)}
        onClick={(e) => {
          if (!selecting && !e.shiftKey) return;
          e.preventDefault();
          on.onSelect(c.id, e.shiftKey);
        }}
      >
        <Avatar name={name} color={c.contact.color} src={c.contact.avatar_url} channel={kind} />
        <span className={classes.body}>
          <span className={classes.top}>
            <b className={classes.name}>{name}</b>
            {c.status === 'snoozed' && (
              <IconMoonStars size={14} className={classes.dim} aria-label={t('status.snoozed')} />
            )}
            {c.waiting_since && c.status !== 'resolved' ? (
              <Waits since={c.waiting_since} className={classes.wait} />
            ) : (
              <RelativeTime at={c.last_at} className={classes.time} />
            )}
          </span>
          <span className={classes.line}>
            <PreviewLine conversation={c} />
            <Marks conversation={c} />
            {assignee && showAssignee && (
              <Avatar
                name={assignee.name}
                id={assignee.id}
                src={assignee.avatar_url}
                size={18}
                presence={assignee.presence}
              />
            )}
          </span>
        </span>
      </Link>
      <button
        type="button"
        className={classes.check}
        data-on={selecting || undefined}
        role="checkbox"
        aria-checked={selected}
        aria-label={t('row.select', { name })}
        tabIndex={selecting ? 0 : -1}
        onClick={(e) => on.onSelect(c.id, e.shiftKey)}
      >
        {selected && <IconCheck size={16} stroke={2.6} aria-hidden />}
      </button>
    </div>
  );
});

function Marks({ conversation: c }: { conversation: Conversation }) {
  const { t } = useTranslation('conversations');
  const p = c.preview;
  const out = p.direction === 'out' && p.kind === 'message' && !c.has_draft;
  return (
    <>
      {out && (p.state === 'failed' || p.state === 'uncertain') && (
        <IconAlertCircle size={15} className={classes.failed} aria-label={t(`row.${p.state}`)} />
      )}
      {out && (p.state === 'queued' || p.state === 'sending' || p.state === 'scheduled') && (
        <IconClock size={14} className={classes.dim} aria-hidden />
      )}
      {out && (p.state === 'delivered' || p.state === 'read') && (
        <IconChecks size={15} className={p.state === 'read' ? classes.read : classes.dim} aria-hidden />
      )}
      {c.mentioned && <IconAt size={15} className={classes.mention} aria-label={t('row.mentioned')} />}
      {c.unread > 0 && (
        <span className={classes.badge}>
          {c.unread > 99 ? '99+' : c.unread}
          <span className="sr">{t('row.unread')}</span>
        </span>
      )}
    </>
  );
}
