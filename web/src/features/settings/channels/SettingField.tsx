import { Checkbox, PasswordInput, Select, Textarea, TextInput } from '@mantine/core';
import type { ChannelKind, FormField } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { ColorPick } from '../kit';
import kit from '../kit/kit.module.css';
import { fieldText } from './fields';

interface Props {
  kind: ChannelKind;
  field: FormField;
  value: string;
  error?: string;
  /** The server has a value for this secret. */
  isSet?: boolean;
  onChange: (value: string) => void;
}

const order: ('label' | 'input' | 'description' | 'error')[] = ['label', 'input', 'description', 'error'];
const long = /^(greeting|proactive|offline|consent)_(ru|en)$/;

/** One setting of a channel, entered after its type. */
export function SettingField({ kind, field, value, error, isSet, onChange }: Props) {
  const { t } = useTranslation(['settings', 'channels']);
  const common = {
    label: fieldText(t, kind, field.name, 'label'),
    description: fieldText(t, kind, field.name, 'help') || undefined,
    inputWrapperOrder: order,
    required: field.required && !isSet,
    error,
  };
  if (field.name === 'color') return <ColorField label={common.label} value={value} onChange={onChange} />;
  switch (field.type) {
    case 'bool':
      return (
        <Checkbox
          label={common.label}
          description={common.description}
          error={error}
          checked={value === 'true'}
          onChange={(e) => onChange(String(e.currentTarget.checked))}
        />
      );
    case 'choice':
      return (
        <Select
          {...common}
          maw={420}
          allowDeselect={false}
          data={(field.options ?? []).map((option) => ({
            value: option,
            label: t([`channels:${kind}.options.${option}`, `channels:common.options.${option}`], option),
          }))}
          value={value}
          onChange={(next) => next !== null && onChange(next)}
        />
      );
    case 'pem':
    case 'list':
      return (
        <Textarea
          {...common}
          autosize
          minRows={field.type === 'pem' ? 3 : 2}
          maxRows={10}
          spellCheck={false}
          styles={{ input: { fontFamily: 'var(--mono)', fontSize: 12 } }}
          value={value}
          onChange={(e) => onChange(e.currentTarget.value)}
        />
      );
    default:
      return <TextField common={common} field={field} value={value} isSet={isSet} onChange={onChange} />;
  }
}

interface TextProps extends Pick<Props, 'field' | 'value' | 'isSet' | 'onChange'> {
  common: object;
}

function TextField({ common, field, value, isSet, onChange }: TextProps) {
  const { t } = useTranslation('settings');
  if (field.secret) {
    return (
      <PasswordInput
        {...common}
        autoComplete="off"
        data-1p-ignore
        placeholder={isSet ? t('channels.secret_set') : undefined}
        value={value}
        onChange={(e) => onChange(e.currentTarget.value)}
      />
    );
  }
  if (long.test(field.name)) {
    return (
      <Textarea
        {...common}
        autosize
        minRows={1}
        maxRows={6}
        value={value}
        onChange={(e) => onChange(e.currentTarget.value)}
      />
    );
  }
  return (
    <TextInput
      {...common}
      type={field.type === 'url' ? 'url' : 'text'}
      autoComplete="off"
      spellCheck={false}
      value={value}
      onChange={(e) => onChange(e.currentTarget.value)}
    />
  );
}

function ColorField({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (color: string) => void;
}) {
  const { t } = useTranslation('settings');
  return (
    <div style={{ display: 'flex', gap: 12, alignItems: 'flex-end', flexWrap: 'wrap' }}>
      <ColorPick label={label} value={value} onChange={onChange} />
      <label className={kit.hint} style={{ display: 'flex', gap: 6, alignItems: 'center' }}>
        <input
          type="color"
          value={/^#[0-9a-f]{6}$/i.test(value) ? value : '#2f5bea'}
          onChange={(e) => onChange(e.currentTarget.value)}
          style={{ width: 30, height: 26, padding: 0, border: 0, background: 'none' }}
        />
        {t('channels.choose_color')}
      </label>
    </div>
  );
}
