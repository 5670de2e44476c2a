import { Button } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { keys } from '@/api/keys';
import type { Channel, HealthState } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { Card, type Tone, useDates, useSave } from '../kit';
import kit from '../kit/kit.module.css';
import css from './channels.module.css';

export const stateTone: Record<HealthState, Tone> = {
  working: 'ok',
  degraded: 'warn',
  failing: 'bad',
  unknown: 'plain',
  disabled: 'plain',
};

/** A channel as the list shows it until the server's own word comes. */
export function replaceChannel(list: Channel[] | undefined, next: Channel): Channel[] | undefined {
  return list?.map((c) => (c.id === next.id ? next : c));
}

/** How a channel does, in words; when it does not, why and how to mend it. Kept current by events. */
export function HealthCard({ channel }: { channel: Channel }) {
  const { t } = useTranslation(['settings', 'channels', 'reasons', 'mend']);
  const client = useQueryClient();
  const dates = useDates();
  const { health } = channel;
  const check = useSave({
    save: () => api.post<Channel>(`/channels/${channel.id}/check`),
    done: (next) => client.setQueryData<Channel[]>(keys.channels, (old) => replaceChannel(old, next)),
  });
  const meta = [
    health.checked_at && t('channels.checked', { when: dates.ago(health.checked_at) }),
    health.last_inbound_at
      ? t('channels.last_inbound', { when: dates.ago(health.last_inbound_at) })
      : t('channels.no_inbound'),
    health.pending ? t('channels.pending', { count: health.pending }) : '',
  ].filter(Boolean);
  return (
    <Card>
      <div className={css.health}>
        <span className={css.light} data-state={health.state} aria-hidden />
        <div className={css.healthText} aria-live="polite">
          <b>{t(`channels:state.${health.state}`)}</b>{' '}
          {(health.state === 'failing' || health.state === 'degraded') && (
            <span className={css.meta}>{t('channels.since', { when: dates.dateTime(health.since) })}</span>
          )}
          <div className={css.meta}>{meta.join(' · ')}</div>
        </div>
        <Button
          variant="default"
          leftSection={<IconRefresh size={15} />}
          loading={check.busy}
          disabled={!channel.enabled}
          onClick={() => check.run()}
        >
          {t('channels.check')}
        </Button>
      </div>
      {health.reason && health.state !== 'disabled' && (
        <div className={css.mend} data-state={health.state}>
          <b>{t(`reasons:${health.reason}`)}</b>
          {t([`mend:${health.reason}`, 'mend:rejected'])}
          {health.detail && (
            <code>
              {t('channels.platform_says')}: {health.detail}
            </code>
          )}
        </div>
      )}
      {check.problem && (
        <p className={kit.problem} role="alert">
          {check.problem}
        </p>
      )}
      <Facts channel={channel} />
    </Card>
  );
}

function Facts({ channel }: { channel: Channel }) {
  const { t } = useTranslation(['settings', 'channels']);
  const facts = Object.entries(channel.health.facts ?? {}).map(([name, value]) => [
    t(`channels:fact.${name}`, name),
    value,
  ]);
  if (channel.health.account) facts.unshift([t('channels.account'), channel.health.account]);
  if (facts.length === 0) return null;
  return (
    <dl className={css.facts}>
      {facts.map(([name, value]) => (
        <div key={name} style={{ display: 'contents' }}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
