import { IconArrowLeft, IconLock, IconMapPinOff } from '@tabler/icons-react';
import { Link, Navigate, useParams } from '@tanstack/react-router';
import { Suspense } from 'react';
import { useMe } from '@/api/reference';
import { useTranslation } from '@/i18n/useTranslation';
import { EmptyState, SkeletonRows } from '@/ui';
import css from './SettingsPage.module.css';
import { allowed, findSection, type SectionGroup, visibleGroups } from './sections';

/** The settings: what one may open at the left, the section at the right. On a phone one at a time. */
export function SettingsPage() {
  const { t } = useTranslation('settings');
  const me = useMe();
  const { section, id } = useParams({ strict: false });
  const groups = visibleGroups(me.permissions);
  const first = groups[0]?.sections[0]?.key;
  const wide = typeof matchMedia === 'function' && matchMedia('(min-width: 701px)').matches;
  if (!section && first && wide) {
    return <Navigate to="/settings/$section" params={{ section: first }} replace />;
  }
  return (
    <div className={css.layout} data-open={section ? true : undefined}>
      <SettingsNav groups={groups} current={section} />
      {section && (
        <div className={css.content}>
          {!id && (
            <Link to="/settings" className={css.back}>
              <IconArrowLeft size={16} aria-hidden /> {t('nav.title')}
            </Link>
          )}
          <Suspense fallback={<SkeletonRows rows={6} />}>
            <SectionView key={section} section={section} id={id} />
          </Suspense>
        </div>
      )}
    </div>
  );
}

function SettingsNav({ groups, current }: { groups: SectionGroup[]; current?: string }) {
  const { t } = useTranslation('settings');
  return (
    <nav className={css.nav} aria-label={t('nav.label')}>
      {current ? (
        <div className={css.title}>{t('nav.title')}</div>
      ) : (
        <h1 className={css.title}>{t('nav.title')}</h1>
      )}
      {groups.map((group) => (
        <div key={group.key} className={css.group}>
          <div className={css.groupTitle} id={`settings-${group.key}`}>
            {t(`nav.group.${group.key}`)}
          </div>
          <ul aria-labelledby={`settings-${group.key}`}>
            {group.sections.map(({ key, icon: Icon }) => (
              <li key={key}>
                <Link
                  to="/settings/$section"
                  params={{ section: key }}
                  className={css.link}
                  aria-current={current === key ? 'page' : undefined}
                >
                  <Icon size={17} stroke={1.7} aria-hidden />
                  {t(`nav.${key}`)}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

function SectionView({ section: key, id }: { section: string; id?: string }) {
  const { t } = useTranslation(['settings', 'permissions']);
  const me = useMe();
  const section = findSection(key);
  if (!section) return <EmptyState icon={IconMapPinOff} title={t('nav.unknown')} />;
  if (!allowed(section, me.permissions)) {
    return (
      <EmptyState
        icon={IconLock}
        title={t('nav.denied')}
        text={t('nav.denied_text', { right: t(`permissions:${section.permission}`) })}
      />
    );
  }
  if (id && section.item) return <section.item key={id} id={id} />;
  return <section.page />;
}
