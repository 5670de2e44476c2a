import { Switch } from '@mantine/core';
import { useEffect, useState } from 'react';
import { errorText } from '@/api/error';
import { useMe } from '@/api/reference';
import { Card, kitCss as kit } from '@/features/settings';
import { useTranslation } from '@/i18n/useTranslation';
import { askPermission, PushError, pushProblem, subscribe, subscribed, unsubscribe } from './push';
import { useSettings } from './useSettings';

/** Sound, desktop and push: what the browser forbids is said, with the way out. */
export function AlertsCard() {
  const { t } = useTranslation('profile');
  const me = useMe();
  const [settings, set] = useSettings();
  const [device, setDevice] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  useEffect(() => {
    subscribed().then(setDevice, () => setDevice(false));
  }, []);
  const attempt = async (work: () => Promise<void>) => {
    setProblem('');
    setBusy(true);
    try {
      await work();
    } catch (error) {
      setProblem(error instanceof PushError ? t(`alerts.${error.problem}`) : errorText(t, error));
    } finally {
      setBusy(false);
    }
  };
  const setDesktop = (on: boolean) =>
    attempt(async () => {
      if (on) await askPermission();
      set({ desktop: on });
    });
  const setPush = (on: boolean) =>
    attempt(async () => {
      if (on) await subscribe(me.vapid_key);
      else await unsubscribe();
      setDevice(on);
      set({ push: on });
    });
  const blocked = pushProblem();
  return (
    <Card title={t('alerts.title')}>
      <div className={kit.form}>
        <Switch
          label={t('alerts.sound')}
          checked={settings.sound}
          onChange={(e) => set({ sound: e.currentTarget.checked })}
        />
        <Switch
          label={t('alerts.desktop')}
          description={t('alerts.desktop_hint')}
          checked={settings.desktop}
          disabled={busy}
          onChange={(e) => void setDesktop(e.currentTarget.checked)}
        />
        <Switch
          label={t('alerts.push')}
          description={blocked && blocked !== 'denied' ? t(`alerts.${blocked}`) : t('alerts.push_hint')}
          checked={settings.push && device}
          disabled={busy || blocked === 'unsupported' || blocked === 'insecure'}
          onChange={(e) => void setPush(e.currentTarget.checked)}
        />
        {(problem || blocked === 'denied') && (
          <p className={kit.problem} role="alert">
            {problem || t('alerts.denied')}
          </p>
        )}
      </div>
    </Card>
  );
}
