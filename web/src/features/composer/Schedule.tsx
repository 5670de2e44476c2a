import { Button } from '@mantine/core';
import { useState } from 'react';
import { localInput, snoozeChoices } from '@/features/conversations/snooze';
import { useTranslation } from '@/i18n/useTranslation';
import { dateTime } from '@/ui';
import classes from './Composer.module.css';

/** When to send what is written. */
export function Schedule({ onPick }: { onPick: (at: string) => void }) {
  const { t, i18n } = useTranslation('composer');
  const [own, setOwn] = useState(() => localInput(new Date(Date.now() + 2 * 3600_000)));
  const at = Date.parse(own);
  return (
    <div className={classes.schedule}>
      <b>{t('schedule.title')}</b>
      {snoozeChoices(new Date()).map((choice) => (
        <Button
          key={choice.key}
          variant="subtle"
          color="gray"
          justify="space-between"
          onClick={() => onPick(choice.at.toISOString())}
          rightSection={<small>{dateTime(choice.at, i18n.language)}</small>}
        >
          {t(`conversations:snooze.${choice.key}`)}
        </Button>
      ))}
      <div className={classes.own}>
        <input
          type="datetime-local"
          value={own}
          min={localInput(new Date())}
          onChange={(e) => setOwn(e.currentTarget.value)}
          aria-label={t('schedule.own')}
        />
        <Button disabled={!(at > Date.now())} onClick={() => onPick(new Date(own).toISOString())}>
          {t('schedule.set')}
        </Button>
      </div>
    </div>
  );
}
