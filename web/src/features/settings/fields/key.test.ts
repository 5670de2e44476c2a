import { expect, it } from 'vitest';
import { keyOf } from './key';

it.each([
  ['Размер обуви', 'razmer_obuvi'],
  ['City', 'city'],
  ['2-й номер (доп.)', 'y_nomer_dop'],
  ['!!!', ''],
])('%s → %s', (label, key) => {
  expect(keyOf(label)).toBe(key);
});
