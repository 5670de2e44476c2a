import type { ReactNode } from 'react';
import { LogoMark } from '@/app/LogoMark';
import { langs, setLang } from '@/i18n';
import { useTranslation } from '@/i18n/useTranslation';
import css from './AuthLayout.module.css';

interface Props {
  title: string;
  lead?: string;
  /** Room for more than a form. */
  wide?: boolean;
  children: ReactNode;
}

/** The page of whoever is not logged in yet: one card and the choice of language. */
export function AuthLayout({ title, lead, wide, children }: Props) {
  const { t, i18n } = useTranslation('auth');
  return (
    <main className={css.page}>
      <div className={css.card} data-wide={wide || undefined}>
        <div className={css.brand}>
          <LogoMark size={34} />
        </div>
        <h1>{title}</h1>
        {lead && <p className={css.lead}>{lead}</p>}
        {children}
      </div>
      <div className={css.langs} role="group" aria-label={t('invite.language')}>
        {langs.map((lang) => (
          <button
            key={lang}
            type="button"
            aria-pressed={i18n.language === lang}
            onClick={() => void setLang(lang)}
          >
            {t(`common:lang.${lang}`)}
          </button>
        ))}
      </div>
    </main>
  );
}
