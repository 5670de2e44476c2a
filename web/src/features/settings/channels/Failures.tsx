import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { keys } from '@/api/keys';
import { readAll } from '@/api/reference';
import type { Channel, InboundFailure } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { Badge, Card, Loaded, RowText, useDates, useSave } from '../kit';
import kit from '../kit/kit.module.css';
import { pretty } from '../kit/pretty';

/** What came in and was not understood: kept whole, and can be tried again. */
export function Failures({ channel }: { channel: Channel }) {
  const { t } = useTranslation('settings');
  const failures = useQuery({
    queryKey: keys.channelFailures(channel.id),
    queryFn: ({ signal }) => readAll<InboundFailure>(`/channels/${channel.id}/failures`, signal),
    staleTime: 0,
  });
  return (
    <Card title={t('channels.failures')} hint={t('channels.failures_hint')} flush>
      <div style={{ marginTop: 10 }}>
        <Loaded query={failures} rows={2}>
          {(items) =>
            items.length === 0 ? (
              <p className={kit.hint} style={{ padding: '0 16px 14px', margin: 0 }}>
                {t('channels.failures_none')}
              </p>
            ) : (
              <ul style={{ listStyle: 'none', margin: 0, padding: 0 }}>
                {items.map((failure) => (
                  <li key={failure.id} className={kit.item}>
                    <Failure failure={failure} channel={channel} />
                  </li>
                ))}
              </ul>
            )
          }
        </Loaded>
      </div>
    </Card>
  );
}

function Failure({ failure, channel }: { failure: InboundFailure; channel: Channel }) {
  const { t } = useTranslation('settings');
  const dates = useDates();
  const [open, setOpen] = useState(false);
  const replay = useSave({
    stale: [keys.channelFailures(channel.id)],
    save: () => api.post(`/channels/${channel.id}/failures/${failure.id}/replay`),
  });
  return (
    <div style={{ padding: '10px 16px', borderTop: '1px solid var(--line)' }}>
      <div style={{ display: 'flex', gap: 12, alignItems: 'center', flexWrap: 'wrap' }}>
        <RowText title={dates.dateTime(failure.received_at)} sub={replay.problem ?? failure.error} />
        <Badge tone={failure.state === 'failed' ? 'bad' : 'warn'}>
          {t(`channels.failure_${failure.state}`)}
        </Badge>
        <Button size="compact-sm" variant="default" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? t('channels.hide_raw') : t('channels.show_raw')}
        </Button>
        <Button size="compact-sm" variant="default" loading={replay.busy} onClick={() => replay.run()}>
          {t('channels.replay')}
        </Button>
      </div>
      {open && <pre className={kit.raw}>{pretty(failure.raw)}</pre>}
    </div>
  );
}
