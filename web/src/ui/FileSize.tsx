import type { TFunction } from 'i18next';
import { useTranslation } from '@/i18n/useTranslation';

/** 84 KB, 1.2 MB: binary thousands, as file managers count. */
export function fileSize(bytes: number, t: TFunction, lang: string): string {
  const steps = ['b', 'kb', 'mb', 'gb'] as const;
  let value = bytes;
  let step = 0;
  while (value >= 1024 && step < steps.length - 1) {
    value /= 1024;
    step++;
  }
  const digits = step > 1 && value < 100 ? 1 : 0;
  return t(`common:size.${steps[step]}`, {
    n: value.toLocaleString(lang, { maximumFractionDigits: digits }),
  });
}

export function FileSize({ bytes }: { bytes: number }) {
  const { t, i18n } = useTranslation();
  return <span>{fileSize(bytes, t, i18n.language)}</span>;
}
