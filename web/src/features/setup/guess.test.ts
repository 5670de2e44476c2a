import { expect, it } from 'vitest';
import { guessCountry } from './guess';

it.each([
  ['Asia/Omsk', ['en-US'], 'RU'],
  ['Asia/Almaty', ['ru-RU'], 'KZ'],
  ['UTC', ['ru', 'de-AT'], 'AT'],
  ['UTC', ['ru'], 'RU'],
])('%s %j → %s', (zone, languages, country) => {
  expect(guessCountry(zone, languages)).toBe(country);
});
