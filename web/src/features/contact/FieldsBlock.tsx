import { Checkbox, Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFields } from '@/api/reference';
import type { Contact, ContactField } from '@/api/types';
import { Block } from './Block';
import classes from './ContactPane.module.css';
import { InlineText } from './InlineText';
import { useContactChange } from './useContactChange';

/** The workspace's own fields, each edited where it stands. */
export function FieldsBlock({ contact, editable }: { contact: Contact; editable: boolean }) {
  const { t } = useTranslation('contact');
  const fields = useFields();
  if (!fields.all.length) return null;
  return (
    <Block title={t('fields')}>
      <dl className={classes.fields}>
        {fields.all
          .slice()
          .sort((a, b) => a.position - b.position)
          .map((f) => (
            <div key={f.id}>
              <dt>{f.label}</dt>
              <dd>
                <Field field={f} contact={contact} editable={editable} />
              </dd>
            </div>
          ))}
      </dl>
    </Block>
  );
}

function Field({
  field: f,
  contact,
  editable,
}: {
  field: ContactField;
  contact: Contact;
  editable: boolean;
}) {
  const change = useContactChange(contact.id);
  const value = contact.fields[f.key];
  const save = (v: string | number | boolean | null) => change({ fields: { [f.key]: v } });
  if (f.type === 'bool')
    return (
      <Checkbox
        size="xs"
        checked={value === true}
        disabled={!editable}
        aria-label={f.label}
        onChange={(e) => save(e.currentTarget.checked)}
      />
    );
  if (f.type === 'choice') {
    return (
      <Select
        size="xs"
        variant="unstyled"
        className={classes.choice}
        data={f.options}
        value={typeof value === 'string' ? value : null}
        disabled={!editable}
        aria-label={f.label}
        placeholder="—"
        clearable
        onChange={save}
      />
    );
  }
  const text = value === null || value === undefined ? '' : String(value);
  const type = f.type === 'number' || f.type === 'date' || f.type === 'url' ? f.type : 'text';
  return (
    <InlineText
      value={text}
      label={f.label}
      type={type}
      disabled={!editable}
      onSave={(v) => save(v === '' ? null : f.type === 'number' ? Number(v) : v)}
    />
  );
}
