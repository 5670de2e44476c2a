import { Button } from '@mantine/core';
import { IconPlus, IconWebhook } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Webhook } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { EmptyState, Page } from '@/ui';
import { Badge, Card, Loaded, RowText, SecretOnce, useDates } from '../kit';
import css from '../kit/kit.module.css';
import { webhooksQuery } from '../queries';
import { WebhookForm } from './WebhookForm';

export function WebhooksPage() {
  const { t } = useTranslation('settings');
  const webhooks = useQuery(webhooksQuery);
  const [adding, setAdding] = useState(false);
  const add = (
    <Button leftSection={<IconPlus size={15} />} onClick={() => setAdding(true)}>
      {t('webhooks.add')}
    </Button>
  );
  return (
    <Page title={t('webhooks.title')} lead={t('webhooks.lead')} actions={add}>
      {adding && <NewWebhook onClose={() => setAdding(false)} />}
      <Loaded query={webhooks}>
        {(items) =>
          items.length === 0 ? (
            !adding && (
              <div className={css.list}>
                <EmptyState icon={IconWebhook} title={t('webhooks.empty')} text={t('webhooks.empty_text')}>
                  {add}
                </EmptyState>
              </div>
            )
          ) : (
            <ul className={css.list} aria-label={t('webhooks.list')}>
              {items.map((webhook) => (
                <li key={webhook.id} className={css.item}>
                  <WebhookRow webhook={webhook} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Page>
  );
}

function NewWebhook({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('settings');
  const navigate = useNavigate();
  const [made, setMade] = useState<Webhook>();
  return (
    <Card title={t('webhooks.add')}>
      {made?.secret ? (
        <SecretOnce
          value={made.secret}
          label={t('webhooks.secret')}
          title={t('webhooks.once_title')}
          hint={t('webhooks.once_hint')}
          onDone={() =>
            navigate({ to: '/settings/$section/$id', params: { section: 'webhooks', id: made.id } })
          }
        />
      ) : (
        <WebhookForm onDone={setMade} onCancel={onClose} />
      )}
    </Card>
  );
}

function WebhookRow({ webhook }: { webhook: Webhook }) {
  const { t } = useTranslation('settings');
  const dates = useDates();
  const events =
    webhook.events.length === 0
      ? t('webhooks.all_events')
      : t('webhooks.events_count', { count: webhook.events.length });
  const failing =
    webhook.failing_since && t('webhooks.failing_since', { when: dates.dateTime(webhook.failing_since) });
  return (
    <Link to="/settings/$section/$id" params={{ section: 'webhooks', id: webhook.id }} className={css.row}>
      <RowText title={webhook.url} sub={[events, failing].filter(Boolean).join(' · ')} />
      <WebhookBadge webhook={webhook} />
    </Link>
  );
}

export function WebhookBadge({ webhook }: { webhook: Webhook }) {
  const { t } = useTranslation('settings');
  if (!webhook.enabled) return <Badge>{t('webhooks.disabled_mark')}</Badge>;
  if (webhook.paused_at) return <Badge tone="bad">{t('webhooks.paused_mark')}</Badge>;
  if (webhook.failing_since) return <Badge tone="warn">{t('webhooks.failing_mark')}</Badge>;
  return <Badge tone="ok">{t('webhooks.working_mark')}</Badge>;
}
