import { Button } from '@mantine/core';
import { IconAlertTriangle, IconInbox, type TablerIcon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { errorText } from '@/api/error';
import { useTranslation } from '@/i18n/useTranslation';
import classes from './States.module.css';

interface EmptyProps {
  icon?: TablerIcon;
  title: string;
  text?: string;
  children?: ReactNode;
}

/** Nothing to show, why, and what to do about it (children: a button). */
export function EmptyState({ icon: Icon = IconInbox, title, text, children }: EmptyProps) {
  return (
    <div className={classes.state}>
      <Icon className={classes.icon} size={34} stroke={1.3} aria-hidden />
      <div className={classes.title}>{title}</div>
      {text && <div className={classes.text}>{text}</div>}
      {children}
    </div>
  );
}

/** A failed load in words, with a way to try again. */
export function ErrorState({
  error,
  onRetry,
  title,
}: {
  error: unknown;
  onRetry?: () => void;
  title?: string;
}) {
  const { t } = useTranslation();
  return (
    <div className={classes.state} role="alert">
      <IconAlertTriangle className={classes.bad} size={34} stroke={1.3} aria-hidden />
      <div className={classes.title}>{title ?? t('state.error_title')}</div>
      <div className={classes.text}>{errorText(t, error)}</div>
      {onRetry && (
        <Button variant="default" onClick={onRetry}>
          {t('action.retry')}
        </Button>
      )}
    </div>
  );
}

/** Grey bars in the shape of what is coming. */
export function SkeletonRows({ rows = 8, avatar = true }: { rows?: number; avatar?: boolean }) {
  const { t } = useTranslation();
  return (
    <div className={classes.skeletons} role="status" aria-label={t('state.loading')}>
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} className={classes.skeleton}>
          {avatar && <span className={classes.disc} />}
          <span className={classes.bars}>
            <span style={{ width: `${34 + ((i * 17) % 30)}%` }} />
            <span style={{ width: `${58 + ((i * 23) % 36)}%` }} />
          </span>
        </div>
      ))}
    </div>
  );
}

export function SkeletonBlock({ lines = 3 }: { lines?: number }) {
  return <SkeletonRows rows={lines} avatar={false} />;
}
