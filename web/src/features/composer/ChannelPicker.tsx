import { Tooltip } from '@mantine/core';
import type { Target } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { ChannelIcon, dateTime, useNow } from '@/ui';
import classes from './Composer.module.css';
import { windowLeft } from './targets';

interface Props {
  targets: Target[];
  chosen?: Target;
  note: boolean;
  onChoose: (target: Target) => void;
  onNote: (note: boolean) => void;
}

/** Every way the customer can be reached by; one that is not open says why. */
export function ChannelPicker({ targets, chosen, note, onChoose, onNote }: Props) {
  const { t } = useTranslation(['composer', 'common', 'reasons']);
  const alike = (x: Target) => targets.filter((y) => y.kind === x.kind).length > 1;
  return (
    <div className={classes.channels} role="radiogroup" aria-label={t('channel')}>
      <div className={classes.chips}>
        {targets.map((x) => {
          const on = !note && x === chosen;
          return (
            <Tooltip
              key={`${x.channel_id}/${x.chat_id}`}
              label={x.available ? `${x.name} · ${x.to}` : t([`reasons:${x.reason}`, 'reasons:unknown'])}
              multiline
              maw={280}
            >
              <button
                type="button"
                role="radio"
                aria-checked={on}
                aria-disabled={!x.available}
                className={classes.chip}
                data-on={on || undefined}
                data-off={!x.available || undefined}
                onClick={() => x.available && onChoose(x)}
              >
                <ChannelIcon kind={x.kind} size={16} decorative />
                <span>{alike(x) ? x.name : t(`common:channel.${x.kind}`)}</span>
                <TimeLeft target={x} />
                {!x.available && <span className="sr">{t([`reasons:${x.reason}`, 'reasons:unknown'])}</span>}
              </button>
            </Tooltip>
          );
        })}
      </div>
      <button
        type="button"
        role="radio"
        aria-checked={note}
        className={classes.chip}
        data-note={note || undefined}
        onClick={() => onNote(!note)}
        title={t('note_hint')}
      >
        {t('note')}
      </button>
    </div>
  );
}

/** How long the customer may still be written to freely. */
function TimeLeft({ target }: { target: Target }) {
  const { t, i18n } = useTranslation('composer');
  const now = useNow();
  if (target.template_only) return <span className={classes.left}>{t('template_only')}</span>;
  const left = windowLeft(target, now);
  if (!left) return null;
  return (
    <span
      className={classes.left}
      data-soon={left.ms < 3600_000 || undefined}
      title={t('window_until', { time: dateTime(target.window_until ?? '', i18n.language) })}
    >
      {left.text}
    </span>
  );
}
