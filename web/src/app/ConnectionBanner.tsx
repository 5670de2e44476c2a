import { IconCloudOff, IconRefresh } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from '@/i18n/useTranslation';
import classes from './ConnectionBanner.module.css';
import { connection, useConnection } from './connection';

/** A line on top while the page is not live. Blips under a second and a half are not worth a word. */
export function ConnectionBanner() {
  const { t } = useTranslation();
  const state = useConnection();
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (state === 'live') {
      setShown(false);
      return;
    }
    const timer = setTimeout(() => setShown(true), state === 'lost' ? 1500 : 3000);
    return () => clearTimeout(timer);
  }, [state]);
  if (!shown || state === 'live') return null;
  const text = state === 'lost' && !navigator.onLine ? 'offline' : state;
  return (
    <div className={classes.banner} role="status" data-state={state}>
      {state === 'lost' ? (
        <IconCloudOff size={16} aria-hidden />
      ) : (
        <IconRefresh size={16} className={classes.turn} aria-hidden />
      )}
      <span>{t(`connection.${text}`)}</span>
      {state === 'lost' && (
        <button type="button" onClick={() => connection.retry()}>
          {t('connection.retry')}
        </button>
      )}
    </div>
  );
}
