import { expect, it } from 'vitest';
import { actionParts, details } from './entry';

it('splits an action', () => {
  expect(actionParts('channel.updated')).toEqual({ group: 'channel', verb: 'updated' });
  expect(actionParts('auth.login.failed')).toEqual({ group: 'auth', verb: 'login_failed' });
  expect(actionParts('boot')).toEqual({ group: 'boot', verb: 'boot' });
});

it('tells details', () => {
  expect(details({ detail: { from: 'a', ids: ['1'], gone: null } })).toEqual([
    ['from', 'a'],
    ['ids', '["1"]'],
    ['gone', 'null'],
  ]);
});
