import { Outlet } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useTranslation } from '@/i18n/useTranslation';
import { ConnectionBanner } from './ConnectionBanner';
import { Rail } from './Rail';
import classes from './Shell.module.css';
import { useGlobalKeys } from './useGlobalKeys';
import { useLive } from './useLive';

const CommandPalette = lazy(() =>
  import('@/features/search/CommandPalette').then((m) => ({ default: m.CommandPalette })),
);
const Shortcuts = lazy(() => import('./Shortcuts').then((m) => ({ default: m.Shortcuts })));

/** Everything around a page behind the log-in: rail (bottom bar on a phone), banner, palette, shortcuts. */
export function Shell() {
  const { t } = useTranslation();
  const keysState = useGlobalKeys();
  useLive();
  return (
    <div className={classes.shell}>
      <a className={classes.skip} href="#main">
        {t('skip')}
      </a>
      <Rail onShortcuts={() => keysState.setHelp(true)} onSearch={() => keysState.setPalette(true)} />
      <main id="main" className={classes.main} tabIndex={-1}>
        <ConnectionBanner />
        <div className={classes.page}>
          <Outlet />
        </div>
      </main>
      <Suspense fallback={null}>
        {keysState.palette && <CommandPalette onClose={() => keysState.setPalette(false)} />}
        {keysState.help && <Shortcuts onClose={() => keysState.setHelp(false)} />}
      </Suspense>
    </div>
  );
}
