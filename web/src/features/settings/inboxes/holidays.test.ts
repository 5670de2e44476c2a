import { expect, it } from 'vitest';
import { mergeHolidays, russianHolidays } from './holidays';
import { zoneOptions } from './timezones';

it('adds only the days that are missing, in order', () => {
  const have = [{ date: '2027-05-09', name: 'ours' }];
  const merged = mergeHolidays(
    have,
    russianHolidays(2027, (key) => key),
  );
  expect(merged).toHaveLength(14);
  expect(merged[0]).toEqual({ date: '2027-01-01', name: 'new_year' });
  expect(merged.filter((h) => h.date === '2027-05-09')).toEqual(have);
});

it('names Russian zones in Russian with their shift', () => {
  const zones = zoneOptions('ru', new Date('2026-11-24T00:00:00Z'));
  expect(zones.find((z) => z.value === 'Europe/Moscow')?.label).toBe('Москва (UTC+03:00)');
  expect(new Set(zones.map((z) => z.value)).size).toBe(zones.length);
});
