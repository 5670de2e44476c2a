import type { Contact } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { dateTime } from '@/ui';
import { Block } from './Block';
import classes from './ContactPane.module.css';

/** Where they came from, since when, and what they agreed to. */
export function Origin({ contact: c }: { contact: Contact }) {
  const { t, i18n } = useTranslation('contact');
  const date = (at: string) => dateTime(at, i18n.language);
  return (
    <Block title={t('origin.title')}>
      <dl className={classes.fields}>
        {c.source && (
          <div>
            <dt>{t('origin.source')}</dt>
            <dd>{c.source}</dd>
          </div>
        )}
        <div>
          <dt>{t('origin.since')}</dt>
          <dd>{date(c.created_at)}</dd>
        </div>
        {c.last_seen_at && (
          <div>
            <dt>{t('origin.seen')}</dt>
            <dd>{date(c.last_seen_at)}</dd>
          </div>
        )}
        {c.consents?.map((x) => (
          <div key={`${x.purpose}${x.given_at}`}>
            <dt>{t('origin.consent')}</dt>
            <dd>
              {t([`consent.${x.purpose}`, 'consent.other'], { purpose: x.purpose })}, {date(x.given_at)}
            </dd>
          </div>
        ))}
      </dl>
    </Block>
  );
}
