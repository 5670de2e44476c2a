import { useTranslation } from '@/i18n/useTranslation';
import { dateTime, fullTime, shortTime, span } from './time';
import { useNow } from './useNow';

/** When, in the fewest letters, with the whole of it on hover. */
export function RelativeTime({ at, long, className }: { at: string; long?: boolean; className?: string }) {
  const { t, i18n } = useTranslation();
  const now = useNow();
  const text = long ? dateTime(at, i18n.language) : shortTime(at, i18n.language, t, new Date(now));
  return (
    <time className={className} dateTime={at} title={fullTime(at, i18n.language)}>
      {text}
    </time>
  );
}

/** "waits 4 min", in amber. */
export function Waits({ since, className }: { since: string; className?: string }) {
  const { t, i18n } = useTranslation();
  const now = useNow();
  return (
    <time className={className} dateTime={since} title={fullTime(since, i18n.language)}>
      {t('time.waits', { time: span(now - Date.parse(since), t) })}
    </time>
  );
}
