import { Button } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ApiError, errorText } from '@/api/error';
import { useTranslation } from '@/i18n/useTranslation';
import { ConfirmInline } from '@/ui';
import css from './kit.module.css';

interface SaveOptions<V, R> {
  save: (values: V) => Promise<R>;
  /** What the server's answer makes stale. */
  stale?: QueryKey[];
  done?: (result: R) => void;
  /** Where an error that names a field is shown. */
  // biome-ignore lint/suspicious/noExplicitAny: forms differ in their values, not in how errors are set
  form?: UseFormReturnType<any>;
  /** Instead of a form: shows an error at a field and says whether it had one of that name. */
  atField?: (field: string, text: string) => boolean;
}

/** A write whose failure is told beside the field that caused it, or under the form. */
export function useSave<V = void, R = unknown>({ save, stale = [], done, form, atField }: SaveOptions<V, R>) {
  const client = useQueryClient();
  const { t } = useTranslation('settings');
  const [elsewhere, setElsewhere] = useState(false);
  const place = (field: string, text: string): boolean => {
    if (atField) return atField(field, text);
    if (!form || !(field in form.getValues())) return false;
    form.setFieldError(field, text);
    return true;
  };
  const mutation = useMutation<R, unknown, V>({
    mutationFn: save,
    onSuccess: async (result) => {
      await Promise.all(stale.map((queryKey) => client.invalidateQueries({ queryKey })));
      done?.(result);
    },
    onError: (error) => {
      const field = error instanceof ApiError ? error.field : undefined;
      setElsewhere(Boolean(field && place(field, errorText(t, error))));
    },
  });
  const problem = mutation.error && !elsewhere ? errorText(t, mutation.error) : undefined;
  return {
    run: mutation.mutate,
    runAsync: mutation.mutateAsync,
    busy: mutation.isPending,
    done: mutation.isSuccess,
    problem,
    reset: mutation.reset,
  };
}

interface FormProps {
  onSubmit: (event?: FormEvent<HTMLFormElement>) => void;
  onCancel?: () => void;
  onDelete?: () => void;
  deleteLabel?: string;
  /** What deleting takes with it. */
  deleteQuestion?: string;
  submit?: string;
  busy?: boolean;
  problem?: string;
  disabled?: boolean;
  extra?: ReactNode;
  children: ReactNode;
}

/** Fields with save and cancel under them, and deletion set apart. */
export function EditorForm({
  onSubmit,
  onCancel,
  onDelete,
  deleteLabel,
  deleteQuestion,
  submit,
  busy,
  problem,
  disabled,
  extra,
  children,
}: FormProps) {
  const { t } = useTranslation('settings');
  return (
    <form className={css.form} onSubmit={onSubmit} noValidate>
      {children}
      {problem && (
        <p className={css.problem} role="alert">
          {problem}
        </p>
      )}
      <div className={css.foot}>
        <Button type="submit" loading={busy} disabled={disabled}>
          {submit ?? t('kit.save')}
        </Button>
        {onCancel && (
          <Button variant="default" onClick={onCancel} disabled={busy}>
            {t('kit.cancel')}
          </Button>
        )}
        {extra}
        {onDelete && (
          <span className={css.push}>
            <ConfirmInline
              label={deleteLabel ?? t('kit.delete')}
              question={deleteQuestion}
              confirm={deleteLabel ?? t('kit.delete')}
              onConfirm={onDelete}
              disabled={busy}
            />
          </span>
        )}
      </div>
    </form>
  );
}

/** Says under a form that what was typed is kept. */
export function Saved({ show }: { show: boolean }) {
  const { t } = useTranslation('settings');
  return (
    <span role="status" style={{ color: 'var(--ok)', fontSize: 13 }}>
      {show ? t('kit.saved') : ''}
    </span>
  );
}
