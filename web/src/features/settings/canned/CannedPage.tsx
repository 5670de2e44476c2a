import { Button, TextInput } from '@mantine/core';
import { IconBolt, IconPlus, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { cannedQuery, useInboxes } from '@/api/reference';
import type { CannedReply } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { EmptyState, Page } from '@/ui';
import { Badge, EditableList, Loaded, newId, type Open, RowText } from '../kit';
import css from '../kit/kit.module.css';
import { CannedForm } from './CannedForm';

export function CannedPage() {
  const { t } = useTranslation('settings');
  const canned = useQuery(cannedQuery);
  const inboxes = useInboxes();
  const [open, setOpen] = useState<Open>(null);
  const [search, setSearch] = useState('');
  const add = (
    <Button leftSection={<IconPlus size={15} />} onClick={() => setOpen(newId)}>
      {t('canned.add')}
    </Button>
  );
  const matches = (reply: CannedReply) => {
    const words = `${reply.shortcut} ${reply.title} ${reply.text}`.toLowerCase();
    return words.includes(search.trim().toLowerCase());
  };
  return (
    <Page title={t('canned.title')} lead={t('canned.lead')} actions={add}>
      <Loaded query={canned}>
        {(items) => (
          <>
            {items.length > 7 && (
              <TextInput
                mb={12}
                aria-label={t('canned.search')}
                placeholder={t('canned.search')}
                leftSection={<IconSearch size={15} />}
                value={search}
                onChange={(e) => setSearch(e.currentTarget.value)}
              />
            )}
            <EditableList
              label={t('canned.list')}
              items={items.filter(matches)}
              idOf={(reply) => reply.id}
              open={open}
              onOpen={setOpen}
              empty={
                search ? (
                  <EmptyState icon={IconSearch} title={t('canned.nothing')} />
                ) : (
                  <EmptyState icon={IconBolt} title={t('canned.empty')} text={t('canned.empty_text')}>
                    {add}
                  </EmptyState>
                )
              }
              row={(reply) => (
                <>
                  <RowText
                    title={
                      <>
                        <code className={css.code}>/{reply.shortcut}</code> {reply.title}
                      </>
                    }
                    sub={reply.text}
                  />
                  {reply.inbox_id && <Badge>{inboxes.byId.get(reply.inbox_id)?.name}</Badge>}
                </>
              )}
              editor={(reply, close) => <CannedForm reply={reply} onClose={close} />}
            />
          </>
        )}
      </Loaded>
    </Page>
  );
}
