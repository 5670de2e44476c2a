import { Button, Menu } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from '@/i18n/useTranslation';
import { dateTime } from '@/ui';
import classes from './Header.module.css';
import { localInput, snoozeChoices } from './snooze';

/** The usual times to put a conversation off to, and any other. */
export function SnoozeItems({ onPick }: { onPick: (until: string) => void }) {
  const { t, i18n } = useTranslation('conversations');
  const [own, setOwn] = useState(() => localInput(new Date(Date.now() + 3 * 3600_000)));
  const valid = Date.parse(own) > Date.now();
  return (
    <>
      {snoozeChoices(new Date()).map(({ key, at }) => (
        <Menu.Item
          key={key}
          onClick={() => onPick(at.toISOString())}
          rightSection={<span className={classes.hint}>{dateTime(at, i18n.language)}</span>}
        >
          {t(`snooze.${key}`)}
        </Menu.Item>
      ))}
      <Menu.Divider />
      <div className={classes.own}>
        <input
          type="datetime-local"
          className={classes.date}
          value={own}
          min={localInput(new Date())}
          aria-label={t('snooze.own')}
          onChange={(e) => setOwn(e.currentTarget.value)}
          onKeyDown={(e) => e.stopPropagation()}
        />
        <Button disabled={!valid} onClick={() => onPick(new Date(own).toISOString())}>
          {t('snooze.set')}
        </Button>
      </div>
    </>
  );
}
