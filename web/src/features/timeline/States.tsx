import {
  IconAlertCircle,
  IconCalendarClock,
  IconCheck,
  IconChecks,
  IconClock,
  IconHelpCircle,
} from '@tabler/icons-react';
import type { Item } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { clock, dateTime, fullTime } from '@/ui';
import { useTimelineActions } from './context';
import classes from './Item.module.css';

/** How far a message has come: clock, one tick, two, two in colour. */
export function Tick({ state }: { state: NonNullable<Item['state']> }) {
  const { t } = useTranslation('timeline');
  const label = t(`state.${state}`);
  const p = { size: 15, stroke: 1.9, 'aria-label': label, role: 'img' } as const;
  switch (state) {
    case 'scheduled':
      return <IconCalendarClock {...p} />;
    case 'queued':
    case 'sending':
      return <IconClock {...p} size={13} />;
    case 'sent':
      return <IconCheck {...p} />;
    case 'delivered':
      return <IconChecks {...p} />;
    case 'read':
      return <IconChecks {...p} className={classes.read} />;
    case 'failed':
      return <IconAlertCircle {...p} className={classes.bad} />;
    case 'uncertain':
      return <IconHelpCircle {...p} className={classes.warn} />;
    default:
      return null;
  }
}

export function Meta({ item }: { item: Item }) {
  const { t, i18n } = useTranslation('timeline');
  const actions = useTimelineActions();
  return (
    <span className={classes.meta}>
      {item.edited_at && !item.deleted_at && (
        <button type="button" className={classes.edited} onClick={() => actions.history(item)}>
          {t('edited')}
        </button>
      )}
      <time dateTime={item.at} title={fullTime(item.at, i18n.language)}>
        {clock(item.at, i18n.language)}
      </time>
      {item.direction === 'out' && item.kind === 'message' && item.state && <Tick state={item.state} />}
    </span>
  );
}

/** What went wrong or is still to come, and what can be done about it. */
export function StateLine({ item }: { item: Item }) {
  const { t, i18n } = useTranslation(['timeline', 'reasons', 'common']);
  const a = useTimelineActions();
  if (item.deleted_at) return null;
  if (item.state === 'failed') {
    return (
      <div className={classes.state} data-kind="bad">
        <span title={item.detail}>{t([`reasons:${item.reason}`, 'reasons:unknown'])}</span>
        <button type="button" onClick={() => a.retry(item)}>
          {t('common:action.retry')}
        </button>
      </div>
    );
  }
  if (item.state === 'uncertain') {
    return (
      <div className={classes.state} data-kind="warn">
        <span title={item.detail}>{t('uncertain')}</span>
        <button type="button" onClick={() => a.settle(item, 'sent')}>
          {t('settle.sent')}
        </button>
        <button type="button" onClick={() => a.settle(item, 'failed')}>
          {t('settle.failed')}
        </button>
      </div>
    );
  }
  if (item.state === 'scheduled' && item.scheduled_at) {
    return (
      <div className={classes.state}>
        <span>{t('scheduled', { time: dateTime(item.scheduled_at, i18n.language) })}</span>
        <button type="button" onClick={() => a.cancel(item)}>
          {t('common:action.cancel')}
        </button>
      </div>
    );
  }
  if (item.state === 'cancelled') return <div className={classes.state}>{t('cancelled')}</div>;
  if (item.state === 'queued' && item.retry_at)
    return (
      <div className={classes.state}>{t('retrying', { time: clock(item.retry_at, i18n.language) })}</div>
    );
  return null;
}
