import { useMemo } from 'react';
import { useTranslation } from '@/i18n/useTranslation';
import { dateTime } from '@/ui';

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** How dates are told in the settings: exact where one looks something up, relative where it is enough. */
export function useDates() {
  const { i18n } = useTranslation();
  return useMemo(() => {
    const lang = i18n.language;
    const day = new Intl.DateTimeFormat(lang === 'en' ? 'en-GB' : lang, {
      day: 'numeric',
      month: 'long',
      year: 'numeric',
    });
    const relative = new Intl.RelativeTimeFormat(lang, { numeric: 'auto' });
    return {
      dateTime: (time: string) => dateTime(time, lang),
      date: (time: string) => day.format(new Date(time)),
      ago: (time: string, now = Date.now()) => {
        const seconds = (Date.parse(time) - now) / 1000;
        for (const [unit, size] of steps) {
          if (Math.abs(seconds) >= size) return relative.format(Math.round(seconds / size), unit);
        }
        return relative.format(0, 'second');
      },
    };
  }, [i18n.language]);
}
