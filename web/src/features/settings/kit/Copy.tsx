import { Button, CopyButton } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useTranslation } from '@/i18n/useTranslation';
import css from './kit.module.css';

/** A text to be copied: a link, a line of code, a key. */
export function CopyField({ value, label, wrap }: { value: string; label: string; wrap?: boolean }) {
  const { t } = useTranslation('settings');
  return (
    <div className={css.copy}>
      <div
        className={`${css.value} ${wrap ? css.wrap : ''}`}
        aria-label={label}
        tabIndex={0}
        role="textbox"
        aria-readonly
      >
        {value}
      </div>
      <CopyButton value={value} timeout={2000}>
        {({ copied, copy }) => (
          <Button
            variant="default"
            h={34}
            onClick={copy}
            aria-label={t('kit.copy_what', { what: label })}
            leftSection={copied ? <IconCheck size={15} color="var(--ok)" /> : <IconCopy size={15} />}
          >
            <span aria-live="polite">{copied ? t('kit.copied') : t('kit.copy')}</span>
          </Button>
        )}
      </CopyButton>
    </div>
  );
}

/** A secret that is never shown again. */
export function SecretOnce({
  value,
  label,
  title,
  hint,
  onDone,
}: {
  value: string;
  label: string;
  title: string;
  hint: string;
  onDone?: () => void;
}) {
  const { t } = useTranslation('settings');
  return (
    <div className={css.once} role="status">
      <div>
        <b>{title}</b>
        <div>{hint}</div>
      </div>
      <CopyField value={value} label={label} wrap />
      {onDone && (
        <div>
          <Button variant="default" onClick={onDone}>
            {t('kit.done')}
          </Button>
        </div>
      )}
    </div>
  );
}
