import { IconArrowLeft } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useCallback, useEffect, useState } from 'react';
import { conversationQuery } from '@/api/conversations';
import type { Item } from '@/api/types';
import { recall, remember } from '@/app/preferences';
import { Composer } from '@/features/composer/Composer';
import { Timeline } from '@/features/timeline/Timeline';
import { useTranslation } from '@/i18n/useTranslation';
import { ErrorState, SkeletonRows } from '@/ui';
import { Header } from './Header';
import { usePresenceHere } from './usePresenceHere';
import classes from './Workspace.module.css';

const ContactPane = lazy(() =>
  import('@/features/contact/ContactPane').then((m) => ({ default: m.ContactPane })),
);

interface Props {
  id: string;
  contactWidth: number;
  resizer: ReactNode;
}

const narrowWidth = '(max-width: 1180px)';
const narrow = () => window.matchMedia(narrowWidth).matches;

/** What the composer is about besides a new message. */
export interface Aim {
  kind: 'reply' | 'edit';
  item: Item;
}

export function ConversationPane({ id, contactWidth, resizer }: Props) {
  const { t } = useTranslation('conversations');
  const client = useQueryClient();
  const query = useQuery(conversationQuery(client, id));
  const [contact, setContact] = useState(() => !narrow() && recall('contact') !== 'hidden');
  const [aim, setAim] = useState<Aim>();
  usePresenceHere(id);
  useEffect(() => {
    // Where the pane would lie over the conversation, it is shown only when asked for.
    const media = window.matchMedia(narrowWidth);
    const onChange = () => setContact(!media.matches && recall('contact') !== 'hidden');
    media.addEventListener('change', onChange);
    return () => media.removeEventListener('change', onChange);
  }, []);
  const toggle = useCallback(() => {
    setContact((on) => {
      if (!narrow()) remember('contact', on ? 'hidden' : 'shown');
      return !on;
    });
  }, []);
  const c = query.data;
  if (!c) {
    return (
      <section className={classes.middle}>
        {query.isError ? (
          <>
            <div className={classes.lost}>
              <Link to="/" search={(s) => ({ ...s, item: undefined })}>
                <IconArrowLeft size={17} aria-hidden /> {t('title')}
              </Link>
            </div>
            <ErrorState error={query.error} onRetry={() => query.refetch()} />
          </>
        ) : (
          <SkeletonRows />
        )}
      </section>
    );
  }
  return (
    <>
      <section className={classes.middle} aria-label={t('conversation', { name: c.contact.name })}>
        <Header conversation={c} contactShown={contact} onContact={toggle} />
        <Timeline
          conversation={c}
          onReply={(item) => setAim({ kind: 'reply', item })}
          onEdit={(item) => setAim({ kind: 'edit', item })}
        />
        <Composer conversation={c} aim={aim} onAim={setAim} />
      </section>
      {contact && (
        <>
          {resizer}
          <aside className={classes.contact} style={{ width: contactWidth }} aria-label={t('contact')}>
            <Suspense fallback={<SkeletonRows rows={5} />}>
              <ContactPane conversation={c} onClose={toggle} />
            </Suspense>
          </aside>
        </>
      )}
    </>
  );
}
