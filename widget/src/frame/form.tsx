// What is asked before the first message goes: who it is, how to reach him,
// and his consent. The message itself waits meanwhile.
import { useState } from 'preact/hooks';
import type { Profile } from '../core/types';
import { useFrame } from './context';

type Field = 'name' | 'phone' | 'email';
const inputs = {
  name: { type: 'text', autocomplete: 'name' },
  phone: { type: 'tel', autocomplete: 'tel' },
  email: { type: 'email', autocomplete: 'email' },
} as const;

export function Form() {
  const { chat, t } = useFrame();
  const offline = chat.asking.offline;
  const known = chat.asking.profile;
  const [values, setValues] = useState<Profile>(known);
  const [consent, setConsent] = useState(!!chat.session?.consent);
  const [errors, setErrors] = useState<Partial<Record<Field | 'consent', string>>>({});
  const ask = chat.config.ask;
  const fields = (['name', 'phone', 'email'] as const).filter((f) => ask[f] !== 'no' || (offline && f !== 'name'));
  const text = chat.config.consent;
  const required = fields.some((f) => ask[f] === 'required') || !!text || offline;

  const submit = () => {
    const wrong: typeof errors = {};
    for (const f of fields) if (ask[f] === 'required' && !values[f]?.trim()) wrong[f] = t('fieldNeeded');
    if (offline && !values.phone?.trim() && !values.email?.trim()) wrong.phone = t('oneContact');
    if (values.phone?.trim() && !/^[\d+\-() .\u00a0]{5,40}$/.test(values.phone.trim())) wrong.phone = t('widget.phone_invalid');
    if (values.email?.trim() && !/^\S+@\S+\.\S+$/.test(values.email.trim())) wrong.email = t('widget.email_invalid');
    if (text && !consent) wrong.consent = t('consentNeeded');
    setErrors(wrong);
    const bad = [...fields, 'consent' as const].find((f) => wrong[f]);
    if (bad) {
      document.getElementById(`f-${bad}`)?.focus();
      return;
    }
    const profile: Profile = {};
    for (const f of fields) if (values[f]?.trim() && values[f] !== known[f]) profile[f] = values[f]?.trim();
    void chat.submitForm(profile, consent).catch(() => setErrors({ consent: t('error') }));
  };
  return (
    <form class="ask" noValidate aria-labelledby="ask-title" onSubmit={(e) => { e.preventDefault(); submit(); }}>
      <h2 id="ask-title">{t(offline ? 'offlineTitle' : 'formTitle')}</h2>
      {offline && <p>{chat.config.offline[chat.lang] || t('offlineText')}</p>}
      {fields.map((f, i) => (
        <label key={f} class="field">
          <span>{t(f)}{ask[f] !== 'required' && !(offline && f !== 'name') && <em> · {t('optional')}</em>}</span>
          <input id={`f-${f}`} name={f} {...inputs[f]} value={values[f] ?? ''} aria-invalid={!!errors[f]} aria-describedby={errors[f] ? `e-${f}` : undefined}
            ref={(el) => { if (el && i === 0 && !el.dataset.seen) { el.dataset.seen = '1'; el.focus(); } }}
            onInput={(e) => setValues({ ...values, [f]: e.currentTarget.value })} />
          {errors[f] && <span class="error" id={`e-${f}`}>{errors[f]}</span>}
        </label>
      ))}
      {text && (
        <label class="consent">
          <input id="f-consent" type="checkbox" checked={consent} aria-invalid={!!errors.consent} aria-describedby={errors.consent ? 'e-consent' : undefined}
            onChange={(e) => setConsent(e.currentTarget.checked)} />
          <span>{text.text[chat.lang] || t('consentText')}{' '}
            {text.url && <a href={text.url} target="_blank" rel="noopener noreferrer">{t('consentLink')}</a>}</span>
        </label>
      )}
      {errors.consent && <span class="error" id="e-consent" role="alert">{errors.consent}</span>}
      <div class="ask-acts">
        <button type="submit" class="btn primary">{t('submit')}</button>
        {!required && <button type="button" class="btn quiet" onClick={() => void chat.submitForm({}, false)}>{t('skip')}</button>}
      </div>
    </form>
  );
}
