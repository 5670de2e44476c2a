import { IconBell } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

/** The bell of the rail; className makes it look like its neighbours. */
export function NotificationsButton({ className }: { className: string }) {
  const { t } = useTranslation();
  return (
    <button type="button" className={className} aria-label={t('nav.notifications')} title={t('nav.notifications')}>
      <IconBell size={21} stroke={1.7} aria-hidden />
    </button>
  );
}
