import {
  IconAt,
  IconPlugConnectedX,
  IconUserCheck,
  IconWebhookOff,
  type TablerIcon,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useUsers } from '@/api/reference';
import type { Notification } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { Avatar, RelativeTime } from '@/ui';
import { targetOf } from './link';
import css from './notifications.module.css';

const icons: Record<Notification['kind'], TablerIcon> = {
  mention: IconAt,
  assigned: IconUserCheck,
  channel_failing: IconPlugConnectedX,
  webhook_paused: IconWebhookOff,
};

/** What a notification says. Of channels and webhooks the server sends codes: a reason or notice, and the channel's name. */
function useWords(n: Notification): string {
  const { t } = useTranslation('notifications');
  if (n.kind === 'webhook_paused') return t([`webhook.${n.text}`, 'webhook.failing']);
  if (n.kind !== 'channel_failing') return n.text;
  const [code = '', ...name] = n.text.split(' ');
  const channel = name.join(' ');
  const reason = t(`reasons:${code}`, { defaultValue: '' });
  return reason ? `${channel}: ${reason}` : t([`notice.${code}`, 'notice.other'], { channel, code });
}

export function NotificationRow({
  notification: n,
  onOpen,
}: {
  notification: Notification;
  onOpen: () => void;
}) {
  const { t } = useTranslation('notifications');
  const users = useUsers();
  const by = n.by_user_id ? users.byId.get(n.by_user_id) : undefined;
  const Icon = icons[n.kind];
  const what = n.kind === 'assigned' && !n.by_user_id ? 'assigned_auto' : n.kind;
  const words = useWords(n);
  const content = (
    <>
      {by ? (
        <Avatar name={by.name} id={by.id} src={by.avatar_url} size={32} />
      ) : (
        <span className={css.icon} data-bad={/failing|paused/.test(n.kind) || undefined}>
          <Icon size={17} aria-hidden />
        </span>
      )}
      <span className={css.text}>
        <span className={css.what}>{t(`kind.${what}`, { name: by?.name ?? t('somebody') })}</span>
        {words && <span className={css.quote}>{words}</span>}
        <RelativeTime at={n.at} className={css.time} />
      </span>
      {!n.read_at && <span className={css.dot} role="img" aria-label={t('unread')} />}
    </>
  );
  const target = targetOf(n);
  if (!target) {
    return (
      <button type="button" className={css.row} onClick={onOpen}>
        {content}
      </button>
    );
  }
  return (
    <Link {...target} className={css.row} onClick={onOpen}>
      {content}
    </Link>
  );
}
