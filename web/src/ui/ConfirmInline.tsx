import { Button } from '@mantine/core';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslation } from '@/i18n/useTranslation';
import classes from './ConfirmInline.module.css';

interface Props {
  /** The first button's words. */
  label: ReactNode;
  /** What is asked; "Sure?" unless told. */
  question?: string;
  /** The deed's words on the second button. */
  confirm?: string;
  onConfirm: () => void;
  danger?: boolean;
  loading?: boolean;
  disabled?: boolean;
}

/** Asks once more in place, instead of a dialog. Escape or leaving takes it back. */
export function ConfirmInline({
  label,
  question,
  confirm,
  onConfirm,
  danger = true,
  loading,
  disabled,
}: Props) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const yes = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (asking) yes.current?.focus();
  }, [asking]);
  if (!asking) {
    return (
      <Button
        variant="subtle"
        color={danger ? 'red' : 'gray'}
        disabled={disabled}
        loading={loading}
        onClick={() => setAsking(true)}
      >
        {label}
      </Button>
    );
  }
  return (
    <span
      className={classes.row}
      role="group"
      onKeyDown={(e) => {
        if (e.key === 'Escape') {
          e.stopPropagation();
          setAsking(false);
        }
      }}
    >
      <span className={classes.question}>{question ?? t('confirm.sure')}</span>
      <Button
        ref={yes}
        variant="light"
        color={danger ? 'red' : 'accent'}
        onClick={() => {
          setAsking(false);
          onConfirm();
        }}
      >
        {confirm ?? t('action.confirm')}
      </Button>
      <Button variant="subtle" color="gray" onClick={() => setAsking(false)}>
        {t('action.cancel')}
      </Button>
    </span>
  );
}
