import { expect, it } from 'vitest';
import { decodeKey } from './push';

it('decodes base64url without padding', () => {
  expect([...decodeKey('-_8')]).toEqual([251, 255]);
  expect([...decodeKey('AQID')]).toEqual([1, 2, 3]);
});
