import { ActionIcon, Button, Menu, SegmentedControl } from '@mantine/core';
import { IconArrowLeft, IconArrowsJoin, IconMessage, IconUserOff } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '@/api/client';
import { contactQuery } from '@/api/contacts';
import { ApiError, errorText } from '@/api/error';
import { keys } from '@/api/keys';
import { useCan, useInboxes } from '@/api/reference';
import type { Contact, Conversation } from '@/api/types';
import { useDates } from '@/features/settings';
import { useTranslation } from '@/i18n/useTranslation';
import { Avatar, EmptyState, ErrorState, SkeletonRows, toast } from '@/ui';
import { ContactDetails } from './ContactDetails';
import { ContactTimeline } from './ContactTimeline';
import css from './contacts.module.css';
import { MergePanel } from './MergePanel';

/** One customer: everything ever said with them at the left, everything known at the right. */
export function ContactPage() {
  const { t } = useTranslation('contacts');
  const { contactId } = useParams({ from: '/inside/contacts/$contactId' });
  const contact = useQuery(contactQuery(contactId));
  if (contact.data) return <ContactView key={contactId} contact={contact.data} />;
  if (contact.isError) {
    const gone = contact.error instanceof ApiError && contact.error.kind === 'not_found';
    if (gone) {
      return (
        <EmptyState icon={IconUserOff} title={t('one.not_found')}>
          <Button variant="default" renderRoot={(props) => <Link to="/contacts" {...props} />}>
            {t('one.back')}
          </Button>
        </EmptyState>
      );
    }
    return <ErrorState error={contact.error} onRetry={() => void contact.refetch()} />;
  }
  return (
    <div className={css.page}>
      <SkeletonRows rows={8} />
    </div>
  );
}

function ContactView({ contact }: { contact: Contact }) {
  const { t } = useTranslation('contacts');
  const merge = useCan('contact.merge');
  const reply = useCan('conversation.reply');
  const [side, setSide] = useState<'history' | 'details'>('history');
  const [merging, setMerging] = useState(false);
  const dates = useDates();
  const since = dates.date(contact.created_at);
  const facts = [
    contact.company,
    t('one.since', { date: since }),
    t('conversations', { count: contact.conversations ?? 0 }),
  ];
  return (
    <section className={css.page} aria-labelledby="contact-name">
      <header className={css.bar}>
        <ActionIcon aria-label={t('one.back')} renderRoot={(props) => <Link to="/contacts" {...props} />}>
          <IconArrowLeft size={18} />
        </ActionIcon>
        <Avatar name={contact.name} color={contact.color} src={contact.avatar_url} size={36} />
        <div className={css.names}>
          <h1 id="contact-name">{contact.name}</h1>
          <span>{facts.filter(Boolean).join(' · ')}</span>
        </div>
        {merge && (
          <Button
            variant="default"
            className={css.mergeButton}
            leftSection={<IconArrowsJoin size={15} />}
            aria-expanded={merging}
            onClick={() => setMerging(!merging)}
          >
            {t('one.merge')}
          </Button>
        )}
        {reply && !contact.blocked && <WriteButton contact={contact} />}
      </header>
      {contact.merged_into && (
        <div className={css.notice}>
          {t('one.merged')}{' '}
          <Link to="/contacts/$contactId" params={{ contactId: contact.merged_into }}>
            {t('one.merged_open')}
          </Link>
        </div>
      )}
      {merging && <MergePanel contact={contact} onClose={() => setMerging(false)} />}
      <div className={css.switch}>
        <SegmentedControl
          fullWidth
          aria-label={t('one.views')}
          data={(['history', 'details'] as const).map((value) => ({ value, label: t(`one.${value}`) }))}
          value={side}
          onChange={(value) => setSide(value as 'history' | 'details')}
        />
      </div>
      <div className={css.split} data-side={side}>
        <div className={css.history}>
          <ContactTimeline contact={contact} />
        </div>
        <aside className={css.details} aria-label={t('one.details')}>
          <ContactDetails contact={contact} />
        </aside>
      </div>
    </section>
  );
}

/** Opens the unresolved conversation, or begins one, in the inbox that is chosen where there are several. */
function WriteButton({ contact }: { contact: Contact }) {
  const { t } = useTranslation('contacts');
  const inboxes = useInboxes();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const write = async (inbox_id: string) => {
    setBusy(true);
    try {
      const c = await api.post<Conversation>('/conversations', { contact_id: contact.id, inbox_id });
      client.setQueryData(keys.conversation(c.id), c);
      await navigate({ to: '/c/$conversationId', params: { conversationId: c.id } });
    } catch (error) {
      toast(errorText(t, error), 'error');
    } finally {
      setBusy(false);
    }
  };
  const only = inboxes.all.length === 1 ? inboxes.all[0] : undefined;
  const button = (
    <Button
      leftSection={<IconMessage size={15} />}
      loading={busy}
      disabled={inboxes.all.length === 0}
      onClick={only ? () => void write(only.id) : undefined}
    >
      {t('one.write')}
    </Button>
  );
  if (inboxes.all.length < 2) return button;
  return (
    <Menu>
      <Menu.Target>{button}</Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('one.write_from')}</Menu.Label>
        {inboxes.all.map((inbox) => (
          <Menu.Item key={inbox.id} onClick={() => void write(inbox.id)}>
            {inbox.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
