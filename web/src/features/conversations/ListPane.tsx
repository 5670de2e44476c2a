import { ActionIcon, Popover } from '@mantine/core';
import { IconFilter, IconPlus, IconSearch } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useInboxes } from '@/api/reference';
import { openPalette } from '@/app/useGlobalKeys';
import { useTranslation } from '@/i18n/useTranslation';
import { BulkBar } from './BulkBar';
import classes from './ListPane.module.css';
import { Rows } from './Rows';
import { Tabs } from './Tabs';
import { countNarrowing, useList } from './useList';
import { useSelection } from './useSelection';

const Filters = lazy(() => import('./Filters').then((m) => ({ default: m.Filters })));
const NewConversation = lazy(() => import('./NewConversation').then((m) => ({ default: m.NewConversation })));

const mac = /mac/i.test(navigator.platform);

export function ListPane() {
  const { t } = useTranslation('conversations');
  const list = useList();
  const { filter, view } = list;
  const inboxes = useInboxes();
  const selection = useSelection(filter);
  const [filtering, setFiltering] = useState(false);
  const [creating, setCreating] = useState(false);
  // An open conversation is the page's subject then, and has its first heading.
  const Title = list.conversationId ? 'h2' : 'h1';
  const on = countNarrowing(filter);
  const title = view?.name ?? (filter.inbox_id && inboxes.byId.get(filter.inbox_id)?.name) ?? t('title');
  return (
    <section className={classes.pane} aria-label={t('list')}>
      <header className={classes.head}>
        <Title className={classes.title}>{title || t('title')}</Title>
        <Popover
          opened={filtering}
          onChange={setFiltering}
          position="bottom-end"
          width={300}
          trapFocus
          withinPortal
        >
          <Popover.Target>
            <ActionIcon
              aria-label={t('filter.open')}
              title={t('filter.open')}
              onClick={() => setFiltering((o) => !o)}
              color={on ? 'accent' : 'gray'}
              variant={on ? 'light' : 'subtle'}
              aria-expanded={filtering}
            >
              <IconFilter size={18} stroke={1.7} />
            </ActionIcon>
          </Popover.Target>
          <Popover.Dropdown>
            <Suspense fallback={null}>
              {filtering && <Filters list={list} onClose={() => setFiltering(false)} />}
            </Suspense>
          </Popover.Dropdown>
        </Popover>
        <Popover
          opened={creating}
          onChange={setCreating}
          position="bottom-end"
          width={320}
          trapFocus
          withinPortal
        >
          <Popover.Target>
            <ActionIcon
              aria-label={t('new.open')}
              title={t('new.open')}
              onClick={() => setCreating((o) => !o)}
              aria-expanded={creating}
            >
              <IconPlus size={19} stroke={1.7} />
            </ActionIcon>
          </Popover.Target>
          <Popover.Dropdown>
            <Suspense fallback={null}>
              {creating && <NewConversation onClose={() => setCreating(false)} />}
            </Suspense>
          </Popover.Dropdown>
        </Popover>
      </header>
      <button type="button" className={classes.search} onClick={openPalette}>
        <IconSearch size={16} aria-hidden />
        <span>{t('search')}</span>
        <kbd>{mac ? '⌘ K' : 'Ctrl K'}</kbd>
      </button>
      <Tabs list={list} />
      <Rows list={list} selection={selection} />
      {selection.ids.size > 0 && <BulkBar selection={selection} />}
    </section>
  );
}
