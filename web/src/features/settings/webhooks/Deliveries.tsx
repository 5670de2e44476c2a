import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { keys } from '@/api/keys';
import type { Delivery, List, Webhook } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { Badge, Card, EditableList, Loaded, type Open, RowText, type Tone, useDates, useSave } from '../kit';
import css from '../kit/kit.module.css';
import { pretty } from '../kit/pretty';

const tones: Record<Delivery['state'], Tone> = { pending: 'warn', delivered: 'ok', failed: 'bad' };

/** What was sent, what was answered, and sending it again. */
export function Deliveries({ webhook }: { webhook: Webhook }) {
  const { t } = useTranslation('settings');
  const [open, setOpen] = useState<Open>(null);
  const deliveries = useQuery({
    queryKey: keys.deliveries(webhook.id),
    queryFn: ({ signal }) =>
      api.get<List<Delivery>>(`/webhooks/${webhook.id}/deliveries`, { limit: 100 }, { signal }),
    staleTime: 0,
    refetchInterval: (query) => (query.state.data?.items.some((d) => d.state === 'pending') ? 5000 : false),
  });
  const refresh = (
    <Tooltip label={t('webhooks.refresh')}>
      <ActionIcon
        aria-label={t('webhooks.refresh')}
        loading={deliveries.isRefetching}
        onClick={() => void deliveries.refetch()}
      >
        <IconRefresh size={16} />
      </ActionIcon>
    </Tooltip>
  );
  return (
    <Card title={t('webhooks.deliveries')} action={refresh}>
      <Loaded query={deliveries}>
        {({ items }) => (
          <EditableList
            label={t('webhooks.deliveries')}
            items={items}
            idOf={(d) => d.id}
            open={open}
            onOpen={setOpen}
            empty={
              <p className={css.hint} style={{ padding: 16, margin: 0 }}>
                {t('webhooks.deliveries_none')}
              </p>
            }
            row={(delivery) => <DeliveryRow delivery={delivery} />}
            editor={(delivery) => delivery && <DeliveryDetail delivery={delivery} webhook={webhook} />}
          />
        )}
      </Loaded>
    </Card>
  );
}

function DeliveryRow({ delivery }: { delivery: Delivery }) {
  const { t } = useTranslation('settings');
  const dates = useDates();
  const facts = [
    dates.dateTime(delivery.created_at),
    t('webhooks.attempts', { count: delivery.attempts }),
    delivery.took_ms !== undefined && t('webhooks.took', { ms: delivery.took_ms }),
    delivery.state === 'pending' &&
      delivery.next_at &&
      t('webhooks.next', { when: dates.ago(delivery.next_at) }),
  ];
  return (
    <>
      <RowText
        title={<code className={css.code}>{delivery.event_type}</code>}
        sub={facts.filter(Boolean).join(' · ')}
      />
      {delivery.status !== undefined && <Badge>{delivery.status}</Badge>}
      <Badge tone={tones[delivery.state]}>{t(`webhooks.state_${delivery.state}`)}</Badge>
    </>
  );
}

function DeliveryDetail({ delivery, webhook }: { delivery: Delivery; webhook: Webhook }) {
  const { t } = useTranslation('settings');
  const replay = useSave({
    stale: [keys.deliveries(webhook.id)],
    save: () => api.post(`/webhooks/${webhook.id}/deliveries/${delivery.id}/replay`),
  });
  return (
    <div>
      <div className={css.foot}>
        <Button variant="default" loading={replay.busy} onClick={() => replay.run()}>
          {t('webhooks.replay')}
        </Button>
        {(replay.problem || delivery.error) && (
          <span className={css.problem}>{replay.problem ?? `${t('webhooks.error')}: ${delivery.error}`}</span>
        )}
      </div>
      <p className={css.rawLabel}>{t('webhooks.request')}</p>
      <pre className={css.raw}>{pretty(delivery.request)}</pre>
      <p className={css.rawLabel}>{t('webhooks.response')}</p>
      {delivery.response ? (
        <pre className={css.raw}>{pretty(delivery.response)}</pre>
      ) : (
        <p className={css.hint}>{t('webhooks.no_response')}</p>
      )}
    </div>
  );
}
