import i18n, { type BackendModule } from 'i18next';

export type Lang = 'ru' | 'en';
export const langs: Lang[] = ['ru', 'en'];

type Texts = Record<string, unknown>;

// What the first screen needs comes in one file per language; every other namespace with the page that uses it.
const core = {
  ru: () => import('./core.ru'),
  en: () => import('./core.en'),
};
const rest = import.meta.glob<{ default: Texts }>([
  './{ru,en}/*.json',
  '!./*/{common,composer,contact,conversations,errors,events,reasons,timeline}.json',
]);

const backend: BackendModule = {
  type: 'backend',
  init() {},
  async read(lang, namespace) {
    const bundle = (await core[lang as Lang]()).default as Record<string, Texts>;
    if (bundle[namespace]) return bundle[namespace];
    const load = rest[`./${lang}/${namespace}.json`];
    if (!load) throw new Error(`no texts ${lang}/${namespace}`);
    return (await load()).default;
  },
};

function stored(): Lang | undefined {
  try {
    const lang = localStorage.getItem('okno.lang');
    return lang === 'ru' || lang === 'en' ? lang : undefined;
  } catch {
    return undefined;
  }
}

export function startLang(): Lang {
  return stored() ?? (navigator.language.startsWith('ru') ? 'ru' : 'en');
}

export async function startI18n(lang: Lang = startLang()): Promise<void> {
  document.documentElement.lang = lang;
  await i18n.use(backend).init({
    lng: lang,
    fallbackLng: false,
    ns: ['common', 'errors', 'reasons', 'events', 'conversations', 'timeline', 'composer', 'contact'],
    defaultNS: 'common',
    interpolation: { escapeValue: false },
    returnNull: false,
  });
}

/** Switches the texts at once; the server is told by whoever calls (PATCH /me {locale}). */
export async function setLang(lang: Lang): Promise<void> {
  try {
    localStorage.setItem('okno.lang', lang);
  } catch {
    // Forbidden storage: the choice lasts for this page.
  }
  document.documentElement.lang = lang;
  await i18n.changeLanguage(lang);
}

export { i18n };
