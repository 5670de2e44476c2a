import { describe, expect, it } from 'vitest';
import type { Capabilities, Target, TemplateInfo } from '@/api/types';
import { kindOf, obstacle } from './attachments';
import { fill, mentioned, trigger } from './fill';
import { choose, templateOnly, windowLeft } from './targets';
import { filled, place } from './template';
import { thin } from './useRecording';

const can = (attachments: Capabilities['attachments']) => ({ attachments }) as Capabilities;
const target = (part: Partial<Target>): Target => ({
  channel_id: '1',
  kind: 'telegram',
  name: 'n',
  to: 't',
  available: true,
  template_only: false,
  default: false,
  capabilities: can({}),
  ...part,
});

describe('fill', () => {
  const f = {
    contact: { id: '1', name: 'Maria Smith', color: 1, fields: { city: 'Kazan', none: null } },
    agent: 'Anna',
    inbox: 'Sales',
  };
  it('puts in names and fields', () => {
    expect(
      fill('Hi {{contact.first_name}} of {{ contact.fields.city }}, {{agent.name}} from {{inbox.name}}', f),
    ).toBe('Hi Maria of Kazan, Anna from Sales');
  });
  it('leaves no hole where nothing is known', () => {
    expect(fill('Hello {{contact.fields.none}}, {{what.ever}}!', f)).toBe('Hello,!');
  });
});

describe('trigger', () => {
  it('knows when a reply or a colleague is meant', () => {
    expect(trigger('/dos', 4)).toEqual({ kind: '/', word: 'dos', from: 0 });
    expect(trigger('hi\n/', 4)).toEqual({ kind: '/', word: '', from: 3 });
    expect(trigger('and/or', 6)).toBeUndefined();
    expect(trigger('ask @Pa', 7)).toEqual({ kind: '@', word: 'Pa', from: 4 });
    expect(trigger('a@b.example', 11)).toBeUndefined();
  });
});

describe('mentioned', () => {
  it('finds everybody who is called', () => {
    expect(
      mentioned('@Anna K, see @Pavel', [
        { id: '1', name: 'Anna K' },
        { id: '2', name: 'Pavel' },
        { id: '3', name: 'Olga' },
      ]),
    ).toEqual(['1', '2']);
  });
});

describe('targets', () => {
  const now = Date.parse('2026-11-24T10:00:00Z');
  it('takes the wanted one, else the default, else the first open', () => {
    const a = target({ channel_id: 'a' });
    const b = target({ channel_id: 'b', default: true });
    const shut = target({ channel_id: 'c', available: false });
    expect(choose([a, b], { channel_id: 'a' })).toBe(a);
    expect(choose([a, b], undefined)).toBe(b);
    expect(choose([shut, a], { channel_id: 'c' })).toBe(a);
    expect(choose([shut], undefined)).toBeUndefined();
  });
  it('counts the window down to templates only', () => {
    const open = target({ window_until: '2026-11-25T09:41:30Z' });
    expect(windowLeft(open, now)?.text).toBe('23:41');
    expect(templateOnly(open, now)).toBe(false);
    expect(templateOnly(open, Date.parse('2026-11-25T09:41:31Z'))).toBe(true);
    expect(windowLeft(open, Date.parse('2026-11-26T00:00:00Z'))).toBeUndefined();
    expect(templateOnly(target({ template_only: true }), now)).toBe(true);
  });
});

describe('obstacle', () => {
  const limits = can({ image: { max_bytes: 5 }, document: { max_bytes: 100 } });
  it('tells before the upload', () => {
    expect(obstacle({ kind: 'image', size: 5 }, limits)).toBeUndefined();
    expect(obstacle({ kind: 'image', size: 50 }, limits)).toBeUndefined(); // goes as a document
    expect(obstacle({ kind: 'image', size: 500 }, limits)).toEqual({ code: 'size', max: 100 });
    expect(obstacle({ kind: 'video', size: 1 }, can({ image: { max_bytes: 5 } }))).toEqual({ code: 'kind' });
  });
  it('knows the kinds', () => {
    expect(
      ['image/png', 'image/gif', 'image/svg+xml', 'video/mp4', 'audio/mpeg', 'application/pdf', ''].map(
        kindOf,
      ),
    ).toEqual(['image', 'animation', 'document', 'video', 'audio', 'document', 'document']);
  });
});

describe('small things', () => {
  it('fills a template, leaving the open places in sight', () =>
    expect(filled('body', 'Hi {{1}}, order {{ 2 }}', { 'body.1': 'Maria', 'header.2': '7' })).toBe(
      'Hi Maria, order {{ 2 }}',
    ));
  it('names the places of a template', () => {
    const info = { header: 'Order {{1}}', buttons: [{ kind: 'url', text: 'Open' }] } as TemplateInfo;
    expect(place(info, 'header.1')).toEqual({ where: 'header', name: '1' });
    expect(place({ ...info, header: '' }, 'header.image')).toEqual({ where: 'file', name: 'image' });
    expect(place(info, 'body.date')).toEqual({ where: 'body', name: 'date' });
    expect(place(info, 'button.0')).toEqual({ where: 'button', name: 'Open' });
  });
  it('thins levels to the loudest', () => expect(thin([1, 5, 2, 3], 2)).toEqual([5, 3]));
});
