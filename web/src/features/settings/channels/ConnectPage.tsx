import { ActionIcon } from '@mantine/core';
import { IconArrowLeft, IconChevronRight } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useInboxes, useMe } from '@/api/reference';
import type { ChannelKind } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { ChannelIcon, EmptyState, Page } from '@/ui';
import { Card, Loaded } from '../kit';
import { kindsQuery } from '../queries';
import { ChannelForm } from './ChannelForm';
import css from './channels.module.css';

/** Which kind to connect, then step by step how. */
export function ConnectPage({ kind }: { kind?: string }) {
  const { t } = useTranslation(['settings', 'channels']);
  const kinds = useQuery(kindsQuery);
  const navigate = useNavigate();
  const inboxes = useInboxes();
  const info = kinds.data?.find((k) => k.kind === kind);
  const title = info ? t('channels.how', { kind: t(`channels:kind.${info.kind}`) }) : t('channels.choose');
  const back = (
    <ActionIcon
      aria-label={t('channels.back')}
      renderRoot={(props) =>
        kind ? (
          <Link to="/settings/$section/$id" params={{ section: 'channels', id: 'new' }} {...props} />
        ) : (
          <Link to="/settings/$section" params={{ section: 'channels' }} {...props} />
        )
      }
    >
      <IconArrowLeft size={18} />
    </ActionIcon>
  );
  return (
    <Page title={title} before={back} wide={info?.kind === 'webchat'}>
      <Loaded query={kinds} rows={4}>
        {(all) => {
          if (!info) return <KindChoice kinds={all.map((k) => k.kind)} />;
          if (!inboxes.loading && inboxes.all.length === 0)
            return <EmptyState title={t('channels.no_inbox')} />;
          return (
            <div style={{ maxWidth: info.kind === 'webchat' ? 1060 : undefined }}>
              <Card>
                <Steps kind={info.kind} />
              </Card>
              <LawNote kind={info.kind} />
              <Card>
                <ChannelForm
                  info={info}
                  onDone={(channel) =>
                    navigate({
                      to: '/settings/$section/$id',
                      params: { section: 'channels', id: channel.id },
                      replace: true,
                    })
                  }
                />
              </Card>
            </div>
          );
        }}
      </Loaded>
    </Page>
  );
}

/** The kinds to choose from, as cards that say what each is. */
export function KindChoice({ kinds }: { kinds: ChannelKind[] }) {
  const { t } = useTranslation('channels');
  return (
    <div className={css.kinds}>
      {kinds.map((kind) => (
        <Link
          key={kind}
          to="/settings/$section/$id"
          params={{ section: 'channels', id: `new-${kind}` }}
          className={css.kind}
        >
          <ChannelIcon kind={kind} size={32} decorative />
          <span>
            <b>{t(`kind.${kind}`)}</b>
            {t(`pitch.${kind}`, '')}
          </span>
        </Link>
      ))}
    </div>
  );
}

export function Steps({ kind }: { kind: ChannelKind }) {
  const { t } = useTranslation('channels');
  const steps = t(`steps.${kind}`, { returnObjects: true, defaultValue: [] }) as string[];
  return (
    <ol className={css.steps}>
      {steps.map((step) => (
        <li key={step}>{step}</li>
      ))}
    </ol>
  );
}

/** What the law says of foreign messengers, said calmly and folded away, where it concerns the company. */
export function LawNote({ kind }: { kind: ChannelKind }) {
  const { t } = useTranslation('channels');
  const me = useMe();
  if (me.workspace.country !== 'RU' || (kind !== 'telegram' && kind !== 'whatsapp')) return null;
  return (
    <details className={`${css.fold} ${css.law}`}>
      <summary>
        <IconChevronRight size={15} aria-hidden />
        {t('law.title')}
      </summary>
      <div>
        <p>{t(`law.${kind}`)}</p>
        <p>{t('law.note')}</p>
      </div>
    </details>
  );
}
