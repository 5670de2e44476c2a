import { Button, Select, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconAddressBook, IconPlus, IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '@/api/client';
import { keys } from '@/api/keys';
import { useCan, useTags } from '@/api/reference';
import type { Contact, List } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { EmptyState, ErrorState, SkeletonRows } from '@/ui';
import { ContactForm } from './ContactForm';
import { ContactList } from './ContactList';
import css from './contacts.module.css';

/** Everybody who ever wrote, found by name, number in any form, address or tag. */
export function ContactsPage() {
  const { t } = useTranslation('contacts');
  const navigate = useNavigate();
  const editable = useCan('contact.edit');
  const asked = useSearch({ strict: false }) as { new?: string };
  const [adding, setAdding] = useState(Boolean(asked.new));
  const [typed, setTyped] = useState('');
  const [tag, setTag] = useState('');
  const [q] = useDebouncedValue(typed.trim(), 200);
  const tags = useTags();
  const open = (id: string) => navigate({ to: '/contacts/$contactId', params: { contactId: id } });
  return (
    <section className={css.page} aria-labelledby="contacts-title">
      <header className={css.bar}>
        <h1 id="contacts-title">{t('title')}</h1>
        <TextInput
          className={css.search}
          type="search"
          aria-label={t('search')}
          placeholder={t('search')}
          leftSection={<IconSearch size={16} />}
          value={typed}
          onChange={(e) => setTyped(e.currentTarget.value)}
        />
        {tags.all.length > 0 && (
          <Select
            className={css.tagFilter}
            aria-label={t('tag')}
            searchable
            allowDeselect={false}
            data={[
              { value: '', label: t('any_tag') },
              ...tags.all.map((x) => ({ value: x.id, label: x.name })),
            ]}
            value={tag}
            onChange={(value) => setTag(value ?? '')}
          />
        )}
        {editable && (
          <Button leftSection={<IconPlus size={15} />} aria-expanded={adding} onClick={() => setAdding(true)}>
            {t('add')}
          </Button>
        )}
      </header>
      {adding && (
        <ContactForm
          initial={typed}
          onClose={() => setAdding(false)}
          onDone={(contact) => {
            setAdding(false);
            void open(contact.id);
          }}
        />
      )}
      <Found q={q} tag={tag} onAdd={editable ? () => setAdding(true) : undefined} />
    </section>
  );
}

function Found({ q, tag, onAdd }: { q: string; tag: string; onAdd?: () => void }) {
  const { t } = useTranslation('contacts');
  const found = useInfiniteQuery({
    // Beside the lists of one page that share the prefix: what changes them changes these.
    queryKey: [...keys.contactList({ q, tag_id: tag || undefined }), 'pages'],
    queryFn: ({ pageParam, signal }) =>
      api.get<List<Contact>>('/contacts', { q, tag_id: tag, limit: 100, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
  if (found.isError && !found.data)
    return <ErrorState error={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data) return <SkeletonRows rows={10} />;
  const contacts = found.data.pages.flatMap((p) => p.items);
  if (contacts.length === 0) {
    if (q) return <EmptyState icon={IconSearch} title={t('nothing')} text={t('nothing_text')} />;
    if (tag) return <EmptyState icon={IconSearch} title={t('nothing_tag')} />;
    return (
      <EmptyState icon={IconAddressBook} title={t('empty')} text={t('empty_text')}>
        {onAdd && <Button onClick={onAdd}>{t('add')}</Button>}
      </EmptyState>
    );
  }
  return (
    <ContactList
      key={`${q}/${tag}`}
      contacts={contacts}
      dimmed={found.isPlaceholderData}
      more={found.hasNextPage && !found.isFetchingNextPage ? () => void found.fetchNextPage() : undefined}
      loading={found.isFetchingNextPage}
    />
  );
}
