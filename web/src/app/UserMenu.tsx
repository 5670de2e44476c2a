import { Menu, UnstyledButton } from '@mantine/core';
import {
  IconCheck,
  IconDeviceDesktop,
  IconKeyboard,
  IconLogout,
  IconMoon,
  IconSun,
  IconUser,
} from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api } from '@/api/client';
import { errorText } from '@/api/error';
import { keys } from '@/api/keys';
import { useMe } from '@/api/reference';
import type { Me, Presence, Settings, User } from '@/api/types';
import { type Lang, langs, setLang } from '@/i18n';
import { useTranslation } from '@/i18n/useTranslation';
import { Avatar, toast } from '@/ui';
import { setTheme, type Theme, useTheme } from './preferences';
import classes from './UserMenu.module.css';

const themes: { value: Theme; icon: typeof IconSun }[] = [
  { value: 'system', icon: IconDeviceDesktop },
  { value: 'light', icon: IconSun },
  { value: 'dark', icon: IconMoon },
];
const presences: Presence[] = ['online', 'away', 'offline'];

export function UserMenu({ onShortcuts }: { onShortcuts: () => void }) {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const theme = useTheme();
  const client = useQueryClient();
  const navigate = useNavigate();
  const fail = (error: unknown) => toast(errorText(t, error), 'error');

  const patchMe = (patch: (me: Me) => Me) => client.setQueryData<Me>(keys.me, (old) => old && patch(old));

  const choosePresence = (presence: Presence) => {
    const before = me.user.presence;
    patchMe((m) => ({ ...m, user: { ...m.user, presence } }));
    api.put<User>('/me/presence', { presence }).catch((error) => {
      patchMe((m) => ({ ...m, user: { ...m.user, presence: before } }));
      fail(error);
    });
  };
  const chooseTheme = (value: Theme) => {
    setTheme(value);
    patchMe((m) => ({ ...m, settings: { ...m.settings, theme: value } }));
    api.patch<Settings>('/me/settings', { theme: value }).catch(fail);
  };
  const chooseLang = (lang: Lang) => {
    setLang(lang);
    api.patch<Me>('/me', { locale: lang }).catch(fail);
  };
  const logout = async () => {
    try {
      await api.post('/auth/logout');
    } catch (error) {
      fail(error);
      return;
    }
    client.clear();
    navigate({ to: '/login' });
  };

  return (
    <Menu position="right-end" width={250} withinPortal>
      <Menu.Target>
        <UnstyledButton className={classes.me}>
          <span className="sr">{t('nav.menu', { name: me.user.name })}</span>
          <Avatar
            name={me.user.name}
            id={me.user.id}
            src={me.user.avatar_url}
            size={34}
            presence={me.user.presence}
          />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <div className={classes.head}>
          <b>{me.user.name}</b>
          <span>{me.user.email}</span>
        </div>
        <Menu.Label>{t('user.presence')}</Menu.Label>
        {presences.map((p) => (
          <Menu.Item
            key={p}
            onClick={() => choosePresence(p)}
            leftSection={<span className={classes.dot} data-presence={p} />}
            rightSection={me.user.presence === p && <IconCheck size={15} />}
          >
            {t(`presence.${p}`)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <div className={classes.line}>
          <span>{t('user.theme')}</span>
          <span className={classes.segments} role="group" aria-label={t('user.theme')}>
            {themes.map(({ value, icon: Icon }) => (
              <button
                key={value}
                type="button"
                aria-pressed={theme === value}
                aria-label={t(`theme.${value}`)}
                title={t(`theme.${value}`)}
                onClick={() => chooseTheme(value)}
              >
                <Icon size={15} aria-hidden />
              </button>
            ))}
          </span>
        </div>
        <div className={classes.line}>
          <span>{t('user.language')}</span>
          <span className={classes.segments} role="group" aria-label={t('user.language')}>
            {langs.map((lang) => (
              <button
                key={lang}
                type="button"
                aria-pressed={i18n.language === lang}
                aria-label={t(`lang.${lang}`)}
                title={t(`lang.${lang}`)}
                onClick={() => chooseLang(lang)}
              >
                {lang.toUpperCase()}
              </button>
            ))}
          </span>
        </div>
        <Menu.Divider />
        <Menu.Item leftSection={<IconUser size={16} />} onClick={() => navigate({ to: '/profile' })}>
          {t('user.profile')}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconKeyboard size={16} />}
          rightSection={<kbd className={classes.kbd}>?</kbd>}
          onClick={onShortcuts}
        >
          {t('user.shortcuts')}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={logout}>
          {t('user.logout')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
