import { expect, it } from 'vitest';
import { guess, identitiesOf } from './form';

it.each([
  ['', {}],
  ['Мария', { name: 'Мария' }],
  ['8 (912) 345-67-89', { phone: '8 (912) 345-67-89' }],
  ['+79123456789', { phone: '+79123456789' }],
  ['a@b.ru', { email: 'a@b.ru' }],
  ['12', { name: '12' }],
])('%j', (text, want) => {
  expect(guess(text)).toEqual(want);
});

it('sends only what was filled in', () => {
  expect(identitiesOf({ phone: ' 912 ', email: '' })).toEqual([{ kind: 'phone', value: '912' }]);
});
