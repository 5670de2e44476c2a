import { lazy, Suspense } from 'react';
import { useFields } from '@/api/reference';
import type { Contact, ContactField } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { Block } from './Block';
import classes from './ContactPane.module.css';
import { InlineText } from './InlineText';
import { useContactChange } from './useContactChange';

const ChoiceField = lazy(() => import('./ChoiceField').then((m) => ({ default: m.ChoiceField })));

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
      <input
        type="checkbox"
        className={classes.check}
        checked={value === true}
        disabled={!editable}
        aria-label={f.label}
        onChange={(e) => save(e.currentTarget.checked)}
      />
    );
  if (f.type === 'choice') {
    const chosen = typeof value === 'string' ? value : null;
    const plain = <span className={chosen ? undefined : classes.none}>{chosen ?? '—'}</span>;
    if (!editable) return plain;
    return (
      <Suspense fallback={plain}>
        <ChoiceField label={f.label} options={f.options} value={chosen} onChange={save} />
      </Suspense>
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
