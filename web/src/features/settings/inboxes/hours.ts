// Working hours as the editor needs them: seven days with intervals, checks
// and a summary that a person reads at a glance.
import type { Hours } from '../../../api/types';

export interface Interval {
  from: string;
  to: string;
}

/** Monday first; an empty list is a day off. */
export type Week = Interval[][];

export type HoursProblem = 'order' | 'overlap' | 'empty_time' | 'date' | 'duplicate_date';

export interface HoursIssue {
  day?: number;
  index?: number;
  holiday?: number;
  problem: HoursProblem;
}

const timePattern = /^([01]\d|2[0-3]):[0-5]\d$|^24:00$/;
const datePattern = /^\d{4}-\d{2}-\d{2}$/;

/** minutes since midnight; a closing time of 00:00 is the end of the day. */
export function minutes(time: string, closing = false): number {
  if (!timePattern.test(time)) return Number.NaN;
  const [h = 0, m = 0] = time.split(':').map(Number);
  const total = h * 60 + m;
  return closing && total === 0 ? 24 * 60 : total;
}

export function toWeek(hours: Hours): Week {
  const week: Week = Array.from({ length: 7 }, () => []);
  for (const span of hours.week) week[span.day - 1]?.push({ from: span.from, to: span.to });
  for (const day of week) day.sort((a, b) => a.from.localeCompare(b.from));
  return week;
}

export function fromWeek(week: Week): Hours['week'] {
  return week.flatMap((day, i) =>
    day.map((span) => ({ day: i + 1, from: span.from, to: span.to === '00:00' ? '24:00' : span.to })),
  );
}

/** nextInterval proposes what "add" puts on a day: a first shift, or one after the last. */
export function nextInterval(day: Interval[]): Interval {
  const last = day.at(-1);
  if (!last) return { from: '09:00', to: '18:00' };
  const end = minutes(last.to, true);
  const start = Math.min(Number.isNaN(end) ? 18 * 60 : end + 60, 22 * 60);
  return { from: format(start), to: format(Math.min(start + 120, 23 * 60 + 59)) };
}

function format(total: number): string {
  return `${String(Math.floor(total / 60)).padStart(2, '0')}:${String(total % 60).padStart(2, '0')}`;
}

/** readTime understands "9", "930", "9.30" and "9:30"; what is no time stays as typed, to be told as wrong. */
export function readTime(text: string): string {
  const clean = text.trim();
  const match = /^(\d{1,2})(?:[:.,\s-]?(\d{2}))?$/.exec(clean);
  if (!match) return clean;
  const time = `${(match[1] ?? '').padStart(2, '0')}:${match[2] ?? '00'}`;
  return timePattern.test(time) ? time : clean;
}

/** copyDay puts one day's hours on others. */
export function copyDay(week: Week, from: number, to: number[]): Week {
  const source = week[from] ?? [];
  return week.map((day, i) => (to.includes(i) ? source.map((span) => ({ ...span })) : day));
}

export function checkHours(hours: Pick<Hours, 'holidays' | 'always'>, week: Week): HoursIssue[] {
  const issues: HoursIssue[] = [];
  if (!hours.always) issues.push(...week.flatMap(checkDay));
  const seen = new Set<string>();
  hours.holidays.forEach((holiday, index) => {
    if (!datePattern.test(holiday.date) || Number.isNaN(Date.parse(holiday.date))) {
      issues.push({ holiday: index, problem: 'date' });
    } else if (seen.has(holiday.date)) {
      issues.push({ holiday: index, problem: 'duplicate_date' });
    }
    seen.add(holiday.date);
    if (holiday.from || holiday.to) {
      const problem = checkSpan({ from: holiday.from ?? '', to: holiday.to ?? '' });
      if (problem) issues.push({ holiday: index, problem });
    }
  });
  return issues;
}

function checkSpan(span: Interval): HoursProblem | undefined {
  const from = minutes(span.from);
  const to = minutes(span.to, true);
  if (Number.isNaN(from) || Number.isNaN(to)) return 'empty_time';
  return from < to ? undefined : 'order';
}

function checkDay(day: Interval[], d: number): HoursIssue[] {
  const issues: HoursIssue[] = [];
  day.forEach((span, index) => {
    const problem = checkSpan(span);
    if (problem) {
      issues.push({ day: d, index, problem });
      return;
    }
    const clash = day.some(
      (other, i) =>
        i < index &&
        minutes(span.from) < minutes(other.to, true) &&
        minutes(other.from) < minutes(span.to, true),
    );
    if (clash) issues.push({ day: d, index, problem: 'overlap' });
  });
  return issues;
}

/** summarise groups equal neighbouring days: "Mon–Fri 09:00–18:00". */
export function summarise(week: Week, dayNames: string[], dayOff: string): string {
  const texts = week.map((day) => day.map((s) => `${s.from}–${s.to}`).join(', '));
  const parts: string[] = [];
  for (let i = 0; i < 7; ) {
    let j = i;
    while (j + 1 < 7 && texts[j + 1] === texts[i]) j += 1;
    if (texts[i]) {
      const name = i === j ? dayNames[i] : `${dayNames[i]}–${dayNames[j]}`;
      parts.push(`${name} ${texts[i]}`);
    }
    i = j + 1;
  }
  return parts.length > 0 ? parts.join(' · ') : dayOff;
}
