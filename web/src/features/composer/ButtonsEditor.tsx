import { ActionIcon, Button, Select, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import type { ButtonKind, Capabilities, Button as MessageButton } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import classes from './Composer.module.css';

interface Props {
  value: MessageButton[];
  can: Capabilities['buttons'];
  onChange: (value: MessageButton[]) => void;
}

/** Buttons under a message: one a line, as many and as long as the channel takes. */
export function ButtonsEditor({ value, can, onChange }: Props) {
  const { t } = useTranslation('composer');
  const patch = (i: number, part: Partial<MessageButton>) =>
    onChange(value.map((b, k) => (k === i ? { ...b, ...part } : b)));
  return (
    <div className={classes.buttons} role="group" aria-label={t('buttons.label')}>
      {value.map((b, i) => (
        <div key={i} className={classes.button}>
          {can.kinds.length > 1 && (
            <Select
              size="xs"
              w={150}
              aria-label={t('buttons.kind')}
              data={can.kinds.map((k) => ({
                value: k,
                label: t(k === 'url' ? 'buttons.url_kind' : `buttons.${k}`),
              }))}
              value={b.kind}
              onChange={(k) => k && patch(i, { kind: k as ButtonKind, url: undefined })}
              allowDeselect={false}
            />
          )}
          <TextInput
            size="xs"
            flex={1}
            maxLength={can.text}
            placeholder={t('buttons.text')}
            aria-label={t('buttons.text')}
            value={b.text}
            onChange={(e) =>
              patch(i, {
                text: e.currentTarget.value,
                payload: b.kind === 'callback' ? e.currentTarget.value.slice(0, can.payload) : undefined,
              })
            }
          />
          {b.kind === 'url' && (
            <TextInput
              size="xs"
              flex={1}
              type="url"
              placeholder="https://"
              aria-label={t('buttons.url')}
              value={b.url ?? ''}
              onChange={(e) => patch(i, { url: e.currentTarget.value })}
            />
          )}
          <ActionIcon
            aria-label={t('buttons.remove')}
            onClick={() => onChange(value.filter((_, k) => k !== i))}
          >
            <IconX size={16} />
          </ActionIcon>
        </div>
      ))}
      {value.length < can.max && (
        <Button
          variant="subtle"
          className={classes.start}
          leftSection={<IconPlus size={15} />}
          onClick={() => onChange([...value, { kind: can.kinds[0] ?? 'callback', text: '' }])}
        >
          {t('buttons.add')}
        </Button>
      )}
    </div>
  );
}
