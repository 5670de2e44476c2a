import { describe, expect, it } from 'vitest';
import {
  checkHours,
  copyDay,
  fromWeek,
  minutes,
  nextInterval,
  readTime,
  summarise,
  toWeek,
  type Week,
} from './hours';

const names = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const shift = { from: '09:00', to: '18:00' };
const office: Week = [[shift], [shift], [shift], [shift], [shift], [{ from: '10:00', to: '15:00' }], []];
const noHolidays = { always: false, holidays: [] };

describe('week', () => {
  it('survives the way to the server and back', () => {
    const spans = fromWeek(office);
    expect(spans).toHaveLength(6);
    expect(spans[5]).toEqual({ day: 6, from: '10:00', to: '15:00' });
    expect(toWeek({ timezone: 'UTC', always: false, week: spans, holidays: [] })).toEqual(office);
  });

  it('sorts the intervals of a day', () => {
    const week = toWeek({
      timezone: 'UTC',
      always: false,
      holidays: [],
      week: [
        { day: 1, from: '14:00', to: '18:00' },
        { day: 1, from: '09:00', to: '13:00' },
      ],
    });
    expect(week[0]?.map((s) => s.from)).toEqual(['09:00', '14:00']);
  });

  it('tells midnight as the end of the day', () => {
    expect(minutes('00:00')).toBe(0);
    expect(minutes('00:00', true)).toBe(1440);
    expect(fromWeek([[{ from: '20:00', to: '00:00' }], [], [], [], [], [], []])[0]?.to).toBe('24:00');
  });

  it('copies a day without sharing it', () => {
    const copied = copyDay(office, 5, [6]);
    expect(copied[6]).toEqual(office[5]);
    expect(copied[6]?.[0]).not.toBe(office[5]?.[0]);
  });

  it('proposes the next interval', () => {
    expect(nextInterval([])).toEqual(shift);
    expect(nextInterval([{ from: '09:00', to: '13:00' }])).toEqual({ from: '14:00', to: '16:00' });
    expect(nextInterval([{ from: '09:00', to: '23:30' }])).toEqual({ from: '22:00', to: '23:59' });
  });
});

it.each([
  ['9', '09:00'],
  ['930', '09:30'],
  ['1830', '18:30'],
  ['9.30', '09:30'],
  [' 09:05 ', '09:05'],
  ['24', '24:00'],
  ['25', '25'],
  ['soon', 'soon'],
  ['', ''],
])('reads %j as %j', (typed, want) => {
  expect(readTime(typed)).toBe(want);
});

describe('checkHours', () => {
  it.each([
    ['fine', [shift], []],
    [
      'touching',
      [
        { from: '09:00', to: '13:00' },
        { from: '13:00', to: '18:00' },
      ],
      [],
    ],
    ['wrong order', [{ from: '18:00', to: '09:00' }], ['order']],
    ['no length', [{ from: '09:00', to: '09:00' }], ['order']],
    ['overlap', [shift, { from: '17:00', to: '20:00' }], ['overlap']],
    ['contained', [shift, { from: '10:00', to: '11:00' }], ['overlap']],
    ['empty', [{ from: '', to: '18:00' }], ['empty_time']],
  ])('%s', (_, day, want) => {
    expect(checkHours(noHolidays, [day, [], [], [], [], [], []]).map((i) => i.problem)).toEqual(want);
  });

  it('ignores the week when always open', () => {
    expect(
      checkHours({ always: true, holidays: [] }, [[{ from: '', to: '' }], [], [], [], [], [], []]),
    ).toEqual([]);
  });

  it('checks holidays', () => {
    const holidays = [
      { date: '2027-01-01' },
      { date: '2027-01-01' },
      { date: 'soon' },
      { date: '2027-03-08', from: '15:00', to: '10:00' },
    ];
    expect(checkHours({ always: false, holidays }, office)).toEqual([
      { holiday: 1, problem: 'duplicate_date' },
      { holiday: 2, problem: 'date' },
      { holiday: 3, problem: 'order' },
    ]);
  });
});

describe('summarise', () => {
  it('groups equal days', () => {
    expect(summarise(office, names, 'closed')).toBe('Mon–Fri 09:00–18:00 · Sat 10:00–15:00');
    expect(summarise([[], [], [], [], [], [], []], names, 'closed')).toBe('closed');
  });
});
