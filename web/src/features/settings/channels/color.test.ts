import { expect, it } from 'vitest';
import { luminance, readable } from './color';

it.each([
  ['#000000', 0, '#ffffff'],
  ['#ffffff', 1, '#000000'],
  ['#2f5bea', 0.15, '#ffffff'],
  ['#ffd84d', 0.71, '#000000'],
])('%s', (color, l, text) => {
  expect(luminance(color)).toBeCloseTo(l, 1);
  expect(readable(color)).toBe(text);
});
