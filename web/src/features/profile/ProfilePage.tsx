import { Radio, SegmentedControl } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { errorText } from '@/api/error';
import { keys } from '@/api/keys';
import { useMe } from '@/api/reference';
import type { Me, Presence, Settings, User } from '@/api/types';
import { setTheme, useTheme } from '@/app/preferences';
import { Card, kitCss as kit } from '@/features/settings';
import { type Lang, langs, setLang } from '@/i18n';
import { useTranslation } from '@/i18n/useTranslation';
import { Page, toast } from '@/ui';
import { AlertsCard } from './AlertsCard';
import { PasswordCard } from './PasswordCard';
import { SessionsCard } from './SessionsCard';
import { useSettings } from './useSettings';
import { YouCard } from './YouCard';

/** Everything a person sets for themselves. */
export function ProfilePage() {
  const { t } = useTranslation('profile');
  return (
    <Page title={t('title')}>
      <YouCard />
      <StatusCard />
      <LookCard />
      <WritingCard />
      <AlertsCard />
      <PasswordCard />
      <SessionsCard />
    </Page>
  );
}

function StatusCard() {
  const { t } = useTranslation(['profile', 'common']);
  const me = useMe();
  const client = useQueryClient();
  const put = (presence: Presence) =>
    client.setQueryData<Me>(keys.me, (old) => old && { ...old, user: { ...old.user, presence } });
  const set = useMutation({
    mutationFn: (presence: Presence) => api.put<User>('/me/presence', { presence }),
    onMutate: (presence) => {
      const before = me.user.presence;
      put(presence);
      return before;
    },
    onError: (error, _, before) => {
      if (before) put(before);
      toast(errorText(t, error), 'error');
    },
  });
  return (
    <Card title={t('status.title')} hint={t('status.hint')}>
      <SegmentedControl
        aria-label={t('status.title')}
        data={(['online', 'away', 'offline'] as const).map((value) => ({
          value,
          label: t(`common:presence.${value}`),
        }))}
        value={me.user.presence}
        onChange={(value) => set.mutate(value as Presence)}
      />
    </Card>
  );
}

function LookCard() {
  const { t, i18n } = useTranslation(['profile', 'common']);
  const theme = useTheme();
  const client = useQueryClient();
  const [, setSettings] = useSettings();
  const chooseTheme = (value: Settings['theme']) => {
    setTheme(value);
    setSettings({ theme: value });
  };
  const chooseLang = (lang: Lang) => {
    void setLang(lang);
    api
      .patch<Me>('/me', { locale: lang })
      .then((me) => client.setQueryData<Me>(keys.me, (old) => old && { ...old, user: me.user }))
      .catch((error) => toast(errorText(t, error), 'error'));
  };
  return (
    <Card title={t('look.title')}>
      <div className={kit.form}>
        <div>
          <div className={kit.label}>{t('look.language')}</div>
          <SegmentedControl
            aria-label={t('look.language')}
            data={langs.map((value) => ({ value, label: t(`common:lang.${value}`) }))}
            value={i18n.language}
            onChange={(value) => chooseLang(value as Lang)}
          />
        </div>
        <div>
          <div className={kit.label}>{t('look.theme')}</div>
          <SegmentedControl
            aria-label={t('look.theme')}
            data={(['system', 'light', 'dark'] as const).map((value) => ({
              value,
              label: t(`common:theme.${value}`),
            }))}
            value={theme}
            onChange={(value) => chooseTheme(value as Settings['theme'])}
          />
        </div>
      </div>
    </Card>
  );
}

function WritingCard() {
  const { t } = useTranslation('profile');
  const [settings, set] = useSettings();
  return (
    <Card title={t('writing.title')}>
      <Radio.Group
        label={t('writing.label')}
        value={settings.send_by}
        onChange={(value) => set({ send_by: value as Settings['send_by'] })}
      >
        <div className={kit.form} style={{ gap: 10, marginTop: 8 }}>
          {(['enter', 'ctrl_enter'] as const).map((value) => (
            <Radio
              key={value}
              value={value}
              label={t(`writing.${value}`)}
              description={t(`writing.${value}_hint`)}
            />
          ))}
        </div>
      </Radio.Group>
    </Card>
  );
}
