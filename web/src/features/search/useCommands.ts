import {
  IconAddressBook,
  IconDeviceDesktop,
  IconLanguage,
  IconMessages,
  IconMoon,
  IconPlugConnected,
  IconSearch,
  IconSun,
  IconUser,
  IconUserCircle,
  IconUserPlus,
  type TablerIcon,
} from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useMemo } from 'react';
import { api } from '@/api/client';
import { errorText } from '@/api/error';
import { keys } from '@/api/keys';
import { useMe } from '@/api/reference';
import type { Me, Presence, Settings, User } from '@/api/types';
import { setTheme } from '@/app/preferences';
import { visibleGroups } from '@/features/settings/sections';
import { type Lang, setLang } from '@/i18n';
import { useTranslation } from '@/i18n/useTranslation';
import { toast } from '@/ui';

export interface Command {
  id: string;
  group: 'go' | 'actions';
  label: string;
  icon: TablerIcon;
  run: () => void;
}

/** What the palette can do without asking the server: places to go to, things to switch. */
export function useCommands(): Command[] {
  const { t, i18n } = useTranslation(['search', 'common', 'settings']);
  const me = useMe();
  const client = useQueryClient();
  const router = useRouter();
  return useMemo(() => {
    const go = (path: string) => router.history.push(path);
    const fail = (error: unknown) => toast(errorText(t, error), 'error');
    const patch = (change: (old: Me) => Me) => client.setQueryData<Me>(keys.me, (old) => old && change(old));
    const theme = (value: Settings['theme']) => {
      setTheme(value);
      patch((old) => ({ ...old, settings: { ...old.settings, theme: value } }));
      api.patch('/me/settings', { theme: value }).catch(fail);
    };
    const lang = (value: Lang) => {
      void setLang(value);
      api.patch('/me', { locale: value }).catch(fail);
    };
    const presence = (value: Presence) => {
      api
        .put<User>('/me/presence', { presence: value })
        .then((user) => patch((old) => ({ ...old, user: { ...old.user, presence: user.presence } })))
        .catch(fail);
    };
    const can = (permission: string) => me.permissions.includes(permission);
    const place = (id: string, label: string, icon: TablerIcon, path: string): Command => ({
      id,
      group: 'go',
      label,
      icon,
      run: () => go(path),
    });
    const act = (id: string, label: string, icon: TablerIcon, run: () => void): Command => ({
      id,
      group: 'actions',
      label,
      icon,
      run,
    });
    const commands = [
      place('home', t('common:nav.conversations'), IconMessages, '/'),
      place('contacts', t('common:nav.contacts'), IconAddressBook, '/contacts'),
      place('search', t('common:nav.search'), IconSearch, '/search'),
      place('profile', t('common:nav.profile'), IconUser, '/profile'),
      ...visibleGroups(me.permissions)
        .flatMap((g) => g.sections)
        .map((s) =>
          place(
            `settings-${s.key}`,
            t('palette.settings', { name: t(`settings:nav.${s.key}`) }),
            s.icon,
            `/settings/${s.key}`,
          ),
        ),
      ...(can('contact.edit')
        ? [act('contact', t('palette.new_contact'), IconUserPlus, () => go('/contacts?new=1'))]
        : []),
      ...(can('channel.manage')
        ? [act('connect', t('palette.connect'), IconPlugConnected, () => go('/settings/channels/new'))]
        : []),
      ...(can('user.manage')
        ? [act('invite', t('palette.invite'), IconUserPlus, () => go('/settings/people'))]
        : []),
      ...(['online', 'away', 'offline'] as const)
        .filter((p) => p !== me.user.presence)
        .map((p) =>
          act(
            `presence-${p}`,
            t('palette.presence', { name: t(`common:presence.${p}`) }),
            IconUserCircle,
            () => presence(p),
          ),
        ),
      act('theme-light', t('palette.theme_light'), IconSun, () => theme('light')),
      act('theme-dark', t('palette.theme_dark'), IconMoon, () => theme('dark')),
      act('theme-system', t('palette.theme_system'), IconDeviceDesktop, () => theme('system')),
      i18n.language === 'ru'
        ? act('lang', t('palette.lang_en'), IconLanguage, () => lang('en'))
        : act('lang', t('palette.lang_ru'), IconLanguage, () => lang('ru')),
    ];
    return commands;
  }, [t, i18n.language, me, client, router]);
}
