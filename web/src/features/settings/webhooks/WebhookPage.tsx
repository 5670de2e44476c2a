import { ActionIcon, Button, Switch } from '@mantine/core';
import { IconArrowLeft, IconPlayerPlay, IconSend } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '@/api/client';
import { keys } from '@/api/keys';
import type { Webhook } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { ConfirmInline, EmptyState, Page } from '@/ui';
import { Card, Loaded, SecretOnce, useDates, useSave } from '../kit';
import kit from '../kit/kit.module.css';
import { webhooksQuery } from '../queries';
import { Deliveries } from './Deliveries';
import { WebhookForm } from './WebhookForm';
import { WebhookBadge } from './WebhooksPage';

export function WebhookPage({ id }: { id: string }) {
  const { t } = useTranslation('settings');
  const webhooks = useQuery(webhooksQuery);
  const webhook = webhooks.data?.find((w) => w.id === id);
  const back = (
    <ActionIcon
      aria-label={t('webhooks.back')}
      renderRoot={(props) => <Link to="/settings/$section" params={{ section: 'webhooks' }} {...props} />}
    >
      <IconArrowLeft size={18} />
    </ActionIcon>
  );
  return (
    <Page
      title={webhook ? webhook.url.replace(/^https?:\/\//, '') : t('webhooks.title')}
      before={back}
      actions={webhook && <EnabledSwitch webhook={webhook} />}
    >
      <Loaded query={webhooks}>
        {() =>
          webhook ? <WebhookView key={id} webhook={webhook} /> : <EmptyState title={t('errors:not_found')} />
        }
      </Loaded>
    </Page>
  );
}

function EnabledSwitch({ webhook }: { webhook: Webhook }) {
  const { t } = useTranslation('settings');
  const set = useSave({
    stale: [keys.webhooks],
    save: (enabled: boolean) => api.patch<Webhook>(`/webhooks/${webhook.id}`, { enabled }),
  });
  return (
    <>
      <WebhookBadge webhook={webhook} />
      <Switch
        label={t('webhooks.enabled')}
        checked={webhook.enabled}
        disabled={set.busy}
        onChange={(e) => set.run(e.currentTarget.checked)}
      />
    </>
  );
}

function WebhookView({ webhook }: { webhook: Webhook }) {
  const { t } = useTranslation('settings');
  const navigate = useNavigate();
  const [secret, setSecret] = useState('');
  const stale = [keys.webhooks, keys.deliveries(webhook.id)];
  const test = useSave({ stale, save: () => api.post(`/webhooks/${webhook.id}/test`) });
  const rotate = useSave({
    save: () => api.post<{ secret: string }>(`/webhooks/${webhook.id}/rotate`),
    done: (answer) => setSecret(answer.secret),
  });
  const remove = useSave({
    stale: [keys.webhooks],
    save: () => api.delete(`/webhooks/${webhook.id}`),
    done: () => navigate({ to: '/settings/$section', params: { section: 'webhooks' } }),
  });
  const problem = test.problem ?? rotate.problem ?? remove.problem;
  return (
    <>
      {webhook.paused_at && <Paused webhook={webhook} />}
      <Card title={t('webhooks.settings')}>
        <WebhookForm webhook={webhook} onDone={() => undefined} onDelete={() => remove.run()} />
      </Card>
      <Card title={t('webhooks.secret')}>
        {secret ? (
          <SecretOnce
            value={secret}
            label={t('webhooks.secret')}
            title={t('webhooks.once_title')}
            hint={t('webhooks.once_hint')}
            onDone={() => setSecret('')}
          />
        ) : (
          <div className={kit.foot}>
            <Button
              variant="default"
              leftSection={<IconSend size={15} />}
              loading={test.busy}
              onClick={() => test.run()}
            >
              {t('webhooks.test')}
            </Button>
            <ConfirmInline
              label={t('webhooks.rotate')}
              question={t('webhooks.rotate_question')}
              confirm={t('webhooks.rotate')}
              loading={rotate.busy}
              onConfirm={() => rotate.run()}
            />
            <span role="status" className={problem ? kit.problem : kit.hint} style={{ margin: 0 }}>
              {problem ?? (test.done && !test.busy ? t('webhooks.test_sent') : '')}
            </span>
          </div>
        )}
      </Card>
      <Deliveries webhook={webhook} />
    </>
  );
}

function Paused({ webhook }: { webhook: Webhook }) {
  const { t } = useTranslation('settings');
  const dates = useDates();
  const resume = useSave({ stale: [keys.webhooks], save: () => api.post(`/webhooks/${webhook.id}/resume`) });
  return (
    <div className={kit.notice} data-tone="bad" role="status">
      <div className={kit.main}>
        <b>{t('webhooks.paused', { when: dates.dateTime(webhook.paused_at ?? '') })}</b>
        <div>{t('webhooks.paused_why')}</div>
        {webhook.paused_reason && (
          <div style={{ color: 'var(--dim)' }}>
            {t('webhooks.paused_reason', { reason: webhook.paused_reason })}
          </div>
        )}
        {resume.problem && <div className={kit.problem}>{resume.problem}</div>}
      </div>
      <Button leftSection={<IconPlayerPlay size={15} />} loading={resume.busy} onClick={() => resume.run()}>
        {t('webhooks.resume')}
      </Button>
    </div>
  );
}
