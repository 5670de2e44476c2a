import {
  IconAddressBook,
  IconMessages,
  IconSearch,
  IconSettings,
  type TablerIcon,
} from '@tabler/icons-react';
import { Link, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useCounts } from '@/api/conversations';
import { useTranslation } from '@/i18n/useTranslation';
import { LogoMark } from './LogoMark';
import classes from './Rail.module.css';
import { UserMenu } from './UserMenu';

const NotificationsButton = lazy(() =>
  import('@/features/notifications/NotificationsButton').then((m) => ({ default: m.NotificationsButton })),
);

interface Place {
  to: '/' | '/contacts' | '/settings';
  label: string;
  icon: TablerIcon;
  count?: number;
}

export function Rail({ onShortcuts, onSearch }: { onShortcuts: () => void; onSearch: () => void }) {
  const { t } = useTranslation();
  const path = useRouterState({ select: (s) => s.location.pathname });
  const counts = useCounts();
  const places: Place[] = [
    { to: '/', label: t('nav.conversations'), icon: IconMessages, count: counts.data?.unread },
    { to: '/contacts', label: t('nav.contacts'), icon: IconAddressBook },
  ];
  const at = (to: string) => (to === '/' ? path === '/' || path.startsWith('/c/') : path.startsWith(to));
  // On a phone an open conversation has the whole screen.
  const reading = path.startsWith('/c/');
  return (
    <nav className={classes.rail} aria-label={t('nav.label')} data-reading={reading || undefined}>
      <span className={classes.logo}>
        <LogoMark size={26} />
      </span>
      {places.map((p) => (
        <RailLink key={p.to} place={p} current={at(p.to)} />
      ))}
      <button
        type="button"
        className={classes.item}
        onClick={onSearch}
        aria-label={t('nav.search')}
        title={`${t('nav.search')} · Ctrl K`}
      >
        <IconSearch size={21} stroke={1.7} aria-hidden />
      </button>
      <span className={classes.space} />
      <Suspense fallback={<span className={classes.item ?? ''} />}>
        <NotificationsButton className={classes.item ?? ''} />
      </Suspense>
      <RailLink
        place={{ to: '/settings', label: t('nav.settings'), icon: IconSettings }}
        current={at('/settings')}
      />
      <UserMenu onShortcuts={onShortcuts} />
    </nav>
  );
}

function RailLink({ place: { to, label, icon: Icon, count }, current }: { place: Place; current: boolean }) {
  return (
    <Link
      to={to}
      className={classes.item}
      data-on={current || undefined}
      aria-current={current ? 'page' : undefined}
      title={label}
    >
      <span className="sr">{label}</span>
      <Icon size={21} stroke={1.7} aria-hidden />
      {!!count && <span className={classes.count}>{count > 99 ? '99+' : count}</span>}
    </Link>
  );
}
