import { ActionIcon, Switch } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { api } from '@/api/client';
import { keys } from '@/api/keys';
import { channelsQuery } from '@/api/reference';
import type { Channel } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { ChannelIcon, ConfirmInline, EmptyState, Page, toast } from '@/ui';
import { Card, CopyField, Loaded, useSave } from '../kit';
import kit from '../kit/kit.module.css';
import { kindsQuery } from '../queries';
import { ChannelForm } from './ChannelForm';
import { ConnectPage, LawNote } from './ConnectPage';
import { Failures } from './Failures';
import { HealthCard, replaceChannel } from './Health';
import { LinkCard } from './LinkCard';

/** One channel; "new" and "new-telegram" lead through connecting one. */
export function ChannelPage({ id }: { id: string }) {
  const { t } = useTranslation(['settings', 'channels']);
  const channels = useQuery({ ...channelsQuery, enabled: !id.startsWith('new') });
  if (id.startsWith('new')) return <ConnectPage kind={id.slice(4) || undefined} />;
  const channel = channels.data?.find((c) => c.id === id);
  const before = (
    <>
      <ActionIcon
        aria-label={t('channels.back')}
        renderRoot={(props) => <Link to="/settings/$section" params={{ section: 'channels' }} {...props} />}
      >
        <IconArrowLeft size={18} />
      </ActionIcon>
      {channel && <ChannelIcon kind={channel.kind} size={26} decorative />}
    </>
  );
  return (
    <Page
      title={channel?.name ?? t('channels.title')}
      lead={channel ? t(`channels:kind.${channel.kind}`) : undefined}
      before={before}
      wide={channel?.kind === 'webchat'}
      actions={channel && <EnabledSwitch channel={channel} />}
    >
      <Loaded query={channels}>
        {() =>
          channel ? (
            <ChannelView key={channel.id} channel={channel} />
          ) : (
            <EmptyState title={t('errors:channel.not_found')} />
          )
        }
      </Loaded>
    </Page>
  );
}

function EnabledSwitch({ channel }: { channel: Channel }) {
  const { t } = useTranslation('settings');
  const client = useQueryClient();
  const set = useSave({
    save: (enabled: boolean) => api.patch<Channel>(`/channels/${channel.id}`, { enabled }),
    done: (next) => client.setQueryData<Channel[]>(keys.channels, (old) => replaceChannel(old, next)),
  });
  if (set.problem) toast(set.problem, 'error');
  return (
    <Switch
      label={t('channels.enabled')}
      title={t('channels.enabled_hint')}
      checked={channel.enabled}
      disabled={set.busy}
      onChange={(e) => set.run(e.currentTarget.checked)}
    />
  );
}

function ChannelView({ channel }: { channel: Channel }) {
  const { t } = useTranslation('settings');
  const kinds = useQuery(kindsQuery);
  const info = kinds.data?.find((k) => k.kind === channel.kind);
  return (
    <div style={{ maxWidth: channel.kind === 'webchat' ? 1060 : undefined }}>
      <HealthCard channel={channel} />
      {channel.embed && (
        <Card title={t('channels.embed')} hint={t('channels.embed_hint')}>
          <CopyField value={channel.embed} label={t('channels.embed')} wrap />
        </Card>
      )}
      {channel.kind !== 'webchat' && channel.enabled && <LinkCard channel={channel} />}
      <Card title={t('channels.settings')}>
        <Loaded query={kinds} rows={4}>
          {() => (info ? <ChannelForm info={info} channel={channel} onDone={() => undefined} /> : null)}
        </Loaded>
      </Card>
      {channel.webhook_url && channel.kind !== 'webchat' && (
        <Card title={t('channels.webhook')} hint={t('channels.webhook_hint')}>
          <CopyField value={channel.webhook_url} label={t('channels.webhook')} />
        </Card>
      )}
      <LawNote kind={channel.kind} />
      <Failures channel={channel} />
      <Delete channel={channel} />
    </div>
  );
}

function Delete({ channel }: { channel: Channel }) {
  const { t } = useTranslation('settings');
  const navigate = useNavigate();
  const remove = useSave({
    stale: [keys.channels, keys.inboxes],
    save: () => api.delete(`/channels/${channel.id}`),
    done: () => navigate({ to: '/settings/$section', params: { section: 'channels' } }),
  });
  return (
    <div className={kit.foot}>
      <span className={kit.hint} style={{ margin: 0 }}>
        {remove.problem ?? t('channels.delete_hint')}
      </span>
      <span className={kit.push}>
        <ConfirmInline
          label={t('channels.delete')}
          question={t('channels.delete_question', { name: channel.name })}
          confirm={t('channels.delete')}
          loading={remove.busy}
          onConfirm={() => remove.run()}
        />
      </span>
    </div>
  );
}
