// What a channel's form holds and what of it goes to the server.
import type { TFunction } from 'i18next';
import type { Channel, ChannelKind, FormField } from '@/api/types';

export type Values = Record<string, string>;

/** What the form starts with: what is set, else the field's default; secrets stay empty. */
export function initialValues(fields: FormField[], channel?: Channel): Values {
  return Object.fromEntries(
    fields.map((field) => [
      field.name,
      field.secret ? '' : (channel?.settings[field.name] ?? field.default ?? ''),
    ]),
  );
}

/** Only what was changed: an untouched secret or default is not sent. */
export function changedValues(fields: FormField[], values: Values, channel?: Channel): Values {
  const before = initialValues(fields, channel);
  return Object.fromEntries(
    fields.flatMap(({ name }) => {
      const value = (values[name] ?? '').trim();
      return value === before[name] ? [] : [[name, value]];
    }),
  );
}

/** Required fields without a value; a secret that the server has counts as one. */
export function missing(fields: FormField[], values: Values, channel?: Channel): string[] {
  return fields
    .filter((f) => f.required && !(values[f.name] ?? '').trim() && !channel?.secrets_set.includes(f.name))
    .map((f) => f.name);
}

/** The server may name a setting bare or as "settings.token". */
export function fieldName(field: string): string {
  return field.replace(/^settings\./, '');
}

export function fieldText(t: TFunction, kind: ChannelKind, name: string, part: 'label' | 'help'): string {
  const fallback = part === 'label' ? name : '';
  return t([`channels:${kind}.${name}.${part}`, `channels:common.${name}.${part}`], fallback);
}

export interface FieldGroup {
  key: string;
  fields: FormField[];
}

const webchatGroups: [string, RegExp][] = [
  ['main', /^(sites|color|position|theme|language)$/],
  ['words', /^(title|greeting|proactive|offline)_/],
  ['ask', /^(ask_|consent|offline_form)/],
  ['files', /^(files|voice)$/],
];

/** The website chat has many settings, in groups; other channels a few. What is advanced comes last, folded. */
export function groupFields(kind: ChannelKind, fields: FormField[]): FieldGroup[] {
  const plain = fields.filter((f) => !f.advanced);
  const advanced = { key: 'advanced', fields: fields.filter((f) => f.advanced) };
  const groups =
    kind === 'webchat'
      ? webchatGroups.map(([key, pattern]) => ({ key, fields: plain.filter((f) => pattern.test(f.name)) }))
      : [{ key: 'main', fields: plain }];
  const placed = new Set(groups.flatMap((g) => g.fields));
  const rest = plain.filter((f) => !placed.has(f));
  if (rest.length > 0) groups[0]?.fields.push(...rest);
  return [...groups, advanced].filter((g) => g.fields.length > 0);
}
