import { IconMessageCircle, IconPaperclip, IconX } from '@tabler/icons-react';
import { useTranslation } from '@/i18n/useTranslation';
import css from './channels.module.css';
import { readable } from './color';
import type { Values } from './fields';

/** A drawing of the open chat with the colours and words of the form. */
export function WidgetPreview({ values }: { values: Values }) {
  const { t, i18n } = useTranslation('settings');
  const lang = values.language === 'ru' || values.language === 'en' ? values.language : i18n.language;
  const word = (name: string) =>
    values[`${name}_${lang}`] || values[`${name}_${lang === 'ru' ? 'en' : 'ru'}`] || '';
  const color = /^#[0-9a-f]{6}$/i.test(values.color ?? '') ? (values.color as string) : '#2f5bea';
  const brand = { background: color, color: readable(color) };
  const theme = values.theme === 'dark' || values.theme === 'light' ? values.theme : undefined;
  return (
    <figure className={css.preview} data-theme={theme} aria-label={t('channels.preview')}>
      <figcaption>{t('channels.preview')}</figcaption>
      <div className={css.widget} aria-hidden>
        <div className={css.widgetHead} style={brand}>
          <span>{word('title') || t('channels.preview_title')}</span>
          <IconX size={16} />
        </div>
        <div className={css.widgetBody}>
          <div className={css.bubbleIn}>{word('greeting') || t('channels.preview_greeting')}</div>
          <div className={css.bubbleOut} style={brand}>
            {t('channels.preview_reply')}
          </div>
        </div>
        <div className={css.widgetInput}>
          {values.files !== 'false' && <IconPaperclip size={16} />}
          {t('channels.preview_input')}
        </div>
      </div>
      <div className={css.launcherRow} data-side={values.position} aria-hidden>
        {word('proactive') && <span className={css.hintBubble}>{word('proactive')}</span>}
        <span className={css.launcher} style={brand}>
          <IconMessageCircle size={24} />
        </span>
      </div>
    </figure>
  );
}
