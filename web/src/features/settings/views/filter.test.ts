import { expect, it } from 'vitest';
import { filterOf, valuesOf } from './filter';

it('leaves out what is "any" and keeps the rest', () => {
  expect(filterOf(valuesOf({}))).toEqual({ scope: 'all' });
  const filter = { scope: 'mine', status: 'snoozed', tag_id: '7', unread: true, sort: 'waiting' } as const;
  expect(filterOf(valuesOf(filter))).toEqual(filter);
});
