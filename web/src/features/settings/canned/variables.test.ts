import { describe, expect, it } from 'vitest';
import { fill, insertAt, shortcutPattern } from './variables';

describe('canned replies', () => {
  it('fills in what is known and shows what is not', () => {
    const text = 'Здравствуйте, {{contact.first_name}}! {{ agent.name }}, {{contact.fields.city}}';
    expect(fill(text, { 'contact.first_name': 'Мария', 'agent.name': 'Анна' })).toBe(
      'Здравствуйте, Мария! Анна, {{contact.fields.city}}',
    );
  });

  it('inserts at the cursor, replacing a selection', () => {
    expect(insertAt('ab', 1, 1, '-')).toEqual({ text: 'a-b', cursor: 2 });
    expect(insertAt('abcd', 1, 3, '{{x}}')).toEqual({ text: 'a{{x}}d', cursor: 6 });
  });

  it.each([
    ['доставка', true],
    ['pay-2', true],
    ['two words', false],
    ['', false],
    ['/x', false],
  ])('shortcut %j: %s', (text, ok) => {
    expect(shortcutPattern.test(text)).toBe(ok);
  });
});
