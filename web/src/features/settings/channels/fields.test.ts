import { describe, expect, it } from 'vitest';
import type { Channel, FormField } from '@/api/types';
import { changedValues, fieldName, groupFields, initialValues, missing } from './fields';

const field = (name: string, part: Partial<FormField> = {}): FormField => ({
  name,
  type: 'text',
  secret: false,
  required: false,
  advanced: false,
  ...part,
});

const fields = [
  field('token', { secret: true, required: true }),
  field('mode', { type: 'choice', default: 'webhook', options: ['webhook', 'polling'] }),
  field('number', { required: true }),
  field('api_url', { type: 'url', advanced: true, default: 'https://api' }),
];

const channel = {
  settings: { number: '7900', mode: 'polling' },
  secrets_set: ['token'],
} as unknown as Channel;

describe('a channel form', () => {
  it('starts with what is set, then defaults, never with a secret', () => {
    expect(initialValues(fields)).toEqual({ token: '', mode: 'webhook', number: '', api_url: 'https://api' });
    expect(initialValues(fields, channel)).toMatchObject({ token: '', mode: 'polling', number: '7900' });
  });

  it('sends only what changed', () => {
    const values = { ...initialValues(fields, channel), number: ' 7901 ' };
    expect(changedValues(fields, values, channel)).toEqual({ number: '7901' });
    expect(changedValues(fields, { ...values, token: 't', number: '' }, channel)).toEqual({
      token: 't',
      number: '',
    });
  });

  it('misses required values but not a secret that is set', () => {
    expect(missing(fields, initialValues(fields))).toEqual(['token', 'number']);
    expect(missing(fields, initialValues(fields, channel), channel)).toEqual([]);
  });

  it('groups with the advanced last and loses no field', () => {
    expect(groupFields('telegram', fields).map((g) => g.key)).toEqual(['main', 'advanced']);
    const chat = [field('sites'), field('title_ru'), field('ask_name'), field('new_thing'), field('voice')];
    const groups = groupFields('webchat', chat);
    expect(groups.map((g) => g.key)).toEqual(['main', 'words', 'ask', 'files']);
    expect(groups.flatMap((g) => g.fields)).toHaveLength(chat.length);
  });

  it('understands both ways of naming a setting', () => {
    expect(fieldName('settings.token')).toBe('token');
    expect(fieldName('token')).toBe('token');
  });
});
