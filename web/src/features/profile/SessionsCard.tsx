import { IconDeviceDesktop, IconDeviceMobile } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { api } from '@/api/client';
import { keys } from '@/api/keys';
import { readAll } from '@/api/reference';
import type { Session } from '@/api/types';
import { Badge, Card, kitCss as kit, Loaded, RowText, useDates, useSave } from '@/features/settings';
import { useTranslation } from '@/i18n/useTranslation';
import { ConfirmInline } from '@/ui';
import { device } from './device';

const sessionsQuery = {
  queryKey: keys.sessions,
  queryFn: ({ signal }: { signal: AbortSignal }) => readAll<Session>('/me/sessions', signal),
  staleTime: 0,
};

/** Where one is logged in, and ending it. */
export function SessionsCard() {
  const { t } = useTranslation('profile');
  const sessions = useQuery(sessionsQuery);
  return (
    <Card title={t('sessions.title')} hint={t('sessions.hint')} flush>
      <div style={{ marginTop: 10 }}>
        <Loaded query={sessions} rows={2}>
          {(items) => (
            <ul style={{ listStyle: 'none', margin: 0, padding: 0 }}>
              {items.map((session) => (
                <li key={session.id} style={{ borderTop: '1px solid var(--line)' }}>
                  <SessionRow session={session} />
                </li>
              ))}
            </ul>
          )}
        </Loaded>
      </div>
    </Card>
  );
}

function SessionRow({ session }: { session: Session }) {
  const { t } = useTranslation('profile');
  const dates = useDates();
  const { browser, system, mobile } = device(session.user_agent);
  const end = useSave({ stale: [keys.sessions], save: () => api.delete(`/me/sessions/${session.id}`) });
  const Icon = mobile ? IconDeviceMobile : IconDeviceDesktop;
  const name =
    browser && system ? t('sessions.on', { browser, system }) : (browser ?? system ?? t('sessions.unknown'));
  return (
    <div className={`${kit.row} ${kit.still}`}>
      <Icon size={22} stroke={1.5} color="var(--dim)" aria-hidden />
      <RowText
        title={
          <>
            {name}
            {session.current && <Badge tone="ok">{t('sessions.current')}</Badge>}
          </>
        }
        sub={end.problem ?? t('sessions.seen', { when: dates.ago(session.last_seen_at), ip: session.ip })}
      />
      {!session.current && (
        <ConfirmInline
          label={t('sessions.end')}
          confirm={t('sessions.end')}
          loading={end.busy}
          onConfirm={() => end.run()}
        />
      )}
    </div>
  );
}
