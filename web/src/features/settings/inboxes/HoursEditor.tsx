import { ActionIcon, Button, Checkbox, Select, Tooltip } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useMemo } from 'react';
import type { Hours } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import kit from '../kit/kit.module.css';
import { HolidaysEditor } from './HolidaysEditor';
import css from './HoursEditor.module.css';
import {
  checkHours,
  copyDay,
  fromWeek,
  type HoursIssue,
  type Interval,
  nextInterval,
  summarise,
  toWeek,
  type Week,
} from './hours';
import { TimeField } from './TimeField';
import { zoneOptions } from './timezones';

interface Props {
  value: Hours;
  onChange: (hours: Hours) => void;
  country: string;
}

/** Days of the week in the reader's language, Monday first. */
export function useDayNames(style: 'short' | 'long'): string[] {
  const { i18n } = useTranslation();
  return useMemo(() => {
    const format = new Intl.DateTimeFormat(i18n.language, { weekday: style, timeZone: 'UTC' });
    // 5 January 1970 was a Monday.
    return Array.from({ length: 7 }, (_, i) => {
      const name = format.format(new Date((4 + i) * 86_400_000));
      return name.charAt(0).toUpperCase() + name.slice(1);
    });
  }, [i18n.language, style]);
}

/** When an inbox is open: every day by itself, several intervals a day, special days apart. */
export function HoursEditor({ value, onChange, country }: Props) {
  const { t, i18n } = useTranslation('settings');
  const short = useDayNames('short');
  const zones = useMemo(() => zoneOptions(i18n.language), [i18n.language]);
  const week = useMemo(() => toWeek(value), [value]);
  const issues = checkHours(value, week);
  const setWeek = (next: Week) => onChange({ ...value, week: fromWeek(next) });
  return (
    <div className={kit.form}>
      <Checkbox
        label={t('hours.always')}
        checked={value.always}
        onChange={(e) => onChange({ ...value, always: e.currentTarget.checked })}
      />
      <Select
        label={t('hours.timezone')}
        searchable
        maw={360}
        allowDeselect={false}
        limit={60}
        data={zones}
        value={value.timezone}
        onChange={(timezone) => timezone && onChange({ ...value, timezone })}
      />
      {!value.always && (
        <>
          <Days week={week} onChange={setWeek} issues={issues} />
          <div className={kit.foot}>
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => setWeek(copyDay(week, 0, [1, 2, 3, 4]))}
            >
              {t('hours.copy_workdays')}
            </Button>
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => setWeek(copyDay(week, 0, [1, 2, 3, 4, 5, 6]))}
            >
              {t('hours.copy_all')}
            </Button>
            <span className={kit.hint} style={{ margin: 0 }}>
              {summarise(week, short, t('hours.all_off'))}
            </span>
          </div>
          <HolidaysEditor
            value={value.holidays}
            onChange={(holidays) => onChange({ ...value, holidays })}
            issues={issues}
            country={country}
          />
        </>
      )}
    </div>
  );
}

interface DaysProps {
  week: Week;
  onChange: (week: Week) => void;
  issues: HoursIssue[];
}

function Days({ week, onChange, issues }: DaysProps) {
  const { t } = useTranslation('settings');
  const long = useDayNames('long');
  const setDay = (d: number, day: Interval[]) => onChange(week.map((old, i) => (i === d ? day : old)));
  return (
    <ul className={css.days}>
      {week.map((day, d) => {
        const name = long[d] ?? '';
        return (
          <li key={name} className={css.day}>
            <Checkbox
              className={css.name}
              label={name}
              checked={day.length > 0}
              onChange={(e) => setDay(d, e.currentTarget.checked ? [nextInterval([])] : [])}
            />
            <div className={css.spans}>
              {day.length === 0 && <span className={css.off}>{t('hours.day_off')}</span>}
              {day.map((span, i) => {
                const issue = issues.find((x) => x.day === d && x.index === i);
                return (
                  <Span
                    key={i}
                    span={span}
                    day={name}
                    problem={issue && t(`hours.problem.${issue.problem}`)}
                    onChange={(next) =>
                      setDay(
                        d,
                        day.map((old, j) => (j === i ? next : old)),
                      )
                    }
                    onRemove={() =>
                      setDay(
                        d,
                        day.filter((_, j) => j !== i),
                      )
                    }
                  />
                );
              })}
            </div>
            {day.length > 0 && (
              <Tooltip label={t('hours.add_interval', { day: name })}>
                <ActionIcon
                  aria-label={t('hours.add_interval', { day: name })}
                  onClick={() => setDay(d, [...day, nextInterval(day)])}
                >
                  <IconPlus size={16} />
                </ActionIcon>
              </Tooltip>
            )}
          </li>
        );
      })}
    </ul>
  );
}

interface SpanProps {
  span: Interval;
  day: string;
  problem?: string;
  onChange: (span: Interval) => void;
  onRemove: () => void;
}

function Span({ span, day, problem, onChange, onRemove }: SpanProps) {
  const { t } = useTranslation('settings');
  return (
    <div>
      <span className={css.span} data-bad={problem ? true : undefined}>
        <TimeField
          label={t('hours.from', { day })}
          wrong={Boolean(problem)}
          value={span.from}
          onChange={(from) => onChange({ ...span, from })}
        />
        <span aria-hidden>–</span>
        <TimeField
          label={t('hours.to', { day })}
          wrong={Boolean(problem)}
          value={span.to}
          onChange={(to) => onChange({ ...span, to })}
        />
        <button
          type="button"
          aria-label={t('hours.remove_interval', { from: span.from, to: span.to, day })}
          onClick={onRemove}
        >
          <IconX size={13} aria-hidden />
        </button>
      </span>
      {problem && <p className={kit.problem}>{problem}</p>}
    </div>
  );
}
