import type { Hours } from '@/api/types';

type Holiday = Hours['holidays'][number];

/** The days off that the Russian Labour Code (article 112) names; bridging days differ by year and are added by hand. */
const days: [string, string][] = [
  ['01-01', 'new_year'],
  ['01-02', 'new_year'],
  ['01-03', 'new_year'],
  ['01-04', 'new_year'],
  ['01-05', 'new_year'],
  ['01-06', 'new_year'],
  ['01-07', 'christmas'],
  ['01-08', 'new_year'],
  ['02-23', 'defender'],
  ['03-08', 'women'],
  ['05-01', 'labour'],
  ['05-09', 'victory'],
  ['06-12', 'russia'],
  ['11-04', 'unity'],
];

export function russianHolidays(year: number, name: (key: string) => string): Holiday[] {
  return days.map(([day, key]) => ({ date: `${year}-${day}`, name: name(key) }));
}

/** merge adds days that are not there yet, in order. */
export function mergeHolidays(have: Holiday[], more: Holiday[]): Holiday[] {
  const known = new Set(have.map((h) => h.date));
  return [...have, ...more.filter((h) => !known.has(h.date))].sort((a, b) => a.date.localeCompare(b.date));
}
