import { Button } from '@mantine/core';
import { IconMapPinOff } from '@tabler/icons-react';
import { type ErrorComponentProps, Link, useRouter } from '@tanstack/react-router';
import { ApiError } from '@/api/error';
import { useTranslation } from '@/i18n/useTranslation';
import { EmptyState, ErrorState, SkeletonRows } from '@/ui';

export function PagePending() {
  return <SkeletonRows rows={6} />;
}

export function NotFound() {
  const { t } = useTranslation();
  return (
    <EmptyState icon={IconMapPinOff} title={t('state.not_found_title')} text={t('state.not_found')}>
      <Button variant="default" renderRoot={(props) => <Link to="/" {...props} />}>
        {t('state.to_conversations')}
      </Button>
    </EmptyState>
  );
}

export function PageCrash({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation();
  const router = useRouter();
  if (error instanceof ApiError) {
    return (
      <ErrorState
        error={error}
        onRetry={() => {
          reset();
          router.invalidate();
        }}
      />
    );
  }
  return (
    <EmptyState title={t('state.crash_title')} text={t('state.crash')}>
      <Button variant="default" onClick={() => window.location.reload()}>
        {t('action.reload')}
      </Button>
    </EmptyState>
  );
}
