import { expect, it } from 'vitest';
import { matches, swapLayout } from './layout';

it('reads the other layout', () => {
  expect(swapLayout('rfyfks')).toBe('каналы');
  expect(swapLayout('еуьу')).toBe('teme');
});

it.each([
  ['кан', 'Настройки: Каналы', true],
  ['настр кан', 'Настройки: Каналы', true],
  ['rfyf', 'Настройки: Каналы', true],
  ['ройки', 'Настройки: Каналы', false],
  ['', 'anything', true],
])('%j in %j: %s', (query, text, want) => {
  expect(matches(query, text)).toBe(want);
});
