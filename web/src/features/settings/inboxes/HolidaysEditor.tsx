import { ActionIcon, Button, Checkbox, TextInput } from '@mantine/core';
import { IconCalendarPlus, IconX } from '@tabler/icons-react';
import type { Hours } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import kit from '../kit/kit.module.css';
import css from './HoursEditor.module.css';
import { mergeHolidays, russianHolidays } from './holidays';
import type { HoursIssue } from './hours';
import { TimeField } from './TimeField';

type Holiday = Hours['holidays'][number];

interface Props {
  value: Holiday[];
  onChange: (holidays: Holiday[]) => void;
  issues: HoursIssue[];
  country: string;
}

/** Days on which the usual hours do not apply: closed, or open for a shorter time. */
export function HolidaysEditor({ value, onChange, issues, country }: Props) {
  const { t } = useTranslation('settings');
  const set = (index: number, next: Holiday) => onChange(value.map((old, i) => (i === index ? next : old)));
  const years = [new Date().getFullYear(), new Date().getFullYear() + 1];
  return (
    <div>
      <div className={kit.label}>{t('hours.holidays')}</div>
      <p className={kit.hint} style={{ margin: '-4px 0 8px' }}>
        {value.length > 0 ? t('hours.holidays_hint') : t('hours.no_holidays')}
      </p>
      {value.length > 0 && (
        <ul className={css.days} style={{ marginBottom: 8 }}>
          {value.map((holiday, i) => (
            <HolidayRow
              key={i}
              holiday={holiday}
              problem={issues.find((x) => x.holiday === i)?.problem}
              onChange={(next) => set(i, next)}
              onRemove={() => onChange(value.filter((_, j) => j !== i))}
            />
          ))}
        </ul>
      )}
      <div className={kit.foot}>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconCalendarPlus size={14} />}
          onClick={() => onChange([...value, { date: '' }])}
        >
          {t('hours.add_holiday')}
        </Button>
        {country === 'RU' &&
          years.map((year) => (
            <Button
              key={year}
              size="compact-sm"
              variant="default"
              onClick={() =>
                onChange(
                  mergeHolidays(
                    value,
                    russianHolidays(year, (key) => t(`hours.holiday.${key}`)),
                  ),
                )
              }
            >
              {t('hours.russian', { year })}
            </Button>
          ))}
      </div>
    </div>
  );
}

interface RowProps {
  holiday: Holiday;
  problem?: string;
  onChange: (holiday: Holiday) => void;
  onRemove: () => void;
}

function HolidayRow({ holiday, problem, onChange, onRemove }: RowProps) {
  const { t } = useTranslation('settings');
  const short = Boolean(holiday.from || holiday.to);
  const day = holiday.name || holiday.date;
  return (
    <li className={css.holiday}>
      <input
        type="date"
        className={css.date}
        aria-label={t('hours.holiday_date')}
        aria-invalid={problem === 'date' || problem === 'duplicate_date'}
        value={holiday.date}
        onChange={(e) => onChange({ ...holiday, date: e.currentTarget.value })}
      />
      <TextInput
        className={css.grow}
        size="xs"
        aria-label={t('hours.holiday_name')}
        placeholder={t('hours.holiday_name_placeholder')}
        value={holiday.name ?? ''}
        onChange={(e) => onChange({ ...holiday, name: e.currentTarget.value || undefined })}
      />
      <Checkbox
        size="xs"
        label={t('hours.holiday_short')}
        checked={short}
        onChange={(e) =>
          onChange(
            e.currentTarget.checked
              ? { ...holiday, from: '10:00', to: '15:00' }
              : { date: holiday.date, name: holiday.name },
          )
        }
      />
      {short && (
        <span className={css.span} data-bad={problem === 'order' || problem === 'empty_time' || undefined}>
          <TimeField
            label={t('hours.from', { day })}
            value={holiday.from ?? ''}
            onChange={(from) => onChange({ ...holiday, from })}
          />
          <span aria-hidden>–</span>
          <TimeField
            label={t('hours.to', { day })}
            value={holiday.to ?? ''}
            onChange={(to) => onChange({ ...holiday, to: to === '00:00' ? '24:00' : to })}
          />
        </span>
      )}
      <ActionIcon aria-label={t('hours.remove_holiday', { date: day })} onClick={onRemove}>
        <IconX size={15} />
      </ActionIcon>
      {problem && (
        <p className={kit.problem} style={{ width: '100%' }}>
          {t(`hours.problem.${problem}`)}
        </p>
      )}
    </li>
  );
}
