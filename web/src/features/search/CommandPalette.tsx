import { Loader, Modal } from '@mantine/core';
import { IconMessages, IconSearch } from '@tabler/icons-react';
import { useRouter } from '@tanstack/react-router';
import { Fragment, type KeyboardEvent, type ReactNode, useId, useMemo, useRef, useState } from 'react';
import { useTranslation } from '@/i18n/useTranslation';
import { Avatar, RelativeTime } from '@/ui';
import { hitTarget } from './hits';
import { matches } from './layout';
import { Snippet } from './Snippet';
import css from './search.module.css';
import { type Command, useCommands } from './useCommands';
import { type Found, useFound } from './useFound';

interface Option {
  id: string;
  group: string;
  content: ReactNode;
  run: () => void;
}

/** Ctrl/Cmd+K: go anywhere, do anything, find anyone. Mounted when asked for; calls onClose when done. */
export function CommandPalette({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('search');
  const listId = useId();
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const found = useFound(query);
  const options = useOptions(query, found);
  const chosen = Math.min(at, options.length - 1);
  const list = useRef<HTMLDivElement>(null);
  const run = (option?: Option) => {
    if (!option) return;
    onClose();
    option.run();
  };
  const moveTo = (index: number) => {
    setAt(index);
    list.current?.querySelectorAll('[role="option"]')[index]?.scrollIntoView({ block: 'nearest' });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const count = options.length;
    const to = {
      ArrowDown: (chosen + 1) % count,
      ArrowUp: (chosen - 1 + count) % count,
      PageDown: Math.min(chosen + 6, count - 1),
      PageUp: Math.max(chosen - 6, 0),
    }[event.key];
    if (event.key === 'Enter' && !event.nativeEvent.isComposing) run(options[chosen]);
    else if (to !== undefined && count > 0) moveTo(to);
    else return;
    event.preventDefault();
  };
  return (
    <Modal.Root opened onClose={onClose} size={620} yOffset="12dvh" transitionProps={{ duration: 80 }}>
      <Modal.Overlay />
      <Modal.Content aria-label={t('palette.title')}>
        <div className={css.palette}>
          <div className={css.field}>
            {found.pending ? <Loader size={18} /> : <IconSearch size={18} aria-hidden />}
            <input
              data-autofocus
              role="combobox"
              aria-expanded
              aria-controls={listId}
              aria-autocomplete="list"
              aria-activedescendant={options[chosen] ? `${listId}-${chosen}` : undefined}
              aria-label={t('palette.title')}
              placeholder={t('palette.placeholder')}
              spellCheck={false}
              value={query}
              onChange={(e) => {
                setQuery(e.currentTarget.value);
                setAt(0);
              }}
              onKeyDown={onKeyDown}
            />
          </div>
          <div className={css.options} role="listbox" id={listId} aria-label={t('results')} ref={list}>
            {options.map((option, i) => (
              <Fragment key={option.id}>
                {option.group && option.group !== options[i - 1]?.group && (
                  <div className={css.optionGroup} role="presentation">
                    {option.group}
                  </div>
                )}
                {/* biome-ignore lint/a11y/useKeyWithClickEvents: keys belong to the field, as in every combobox */}
                {/* biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus and names the active option */}
                <div
                  id={`${listId}-${i}`}
                  role="option"
                  aria-selected={i === chosen}
                  className={css.option}
                  onMouseMove={() => setAt(i)}
                  onClick={() => run(option)}
                >
                  {option.content}
                </div>
              </Fragment>
            ))}
            {options.length === 0 && (
              <div className={css.none} role="status">
                {found.failed ? t('palette.failed') : t('palette.nothing')}
              </div>
            )}
          </div>
          <div className={css.keys} aria-hidden>
            <span>
              <kbd>↑↓</kbd>
              {t('palette.hint_move')}
            </span>
            <span>
              <kbd>↵</kbd>
              {t('palette.hint_open')}
            </span>
            <span>
              <kbd>esc</kbd>
              {t('palette.hint_close')}
            </span>
          </div>
        </div>
      </Modal.Content>
    </Modal.Root>
  );
}

function useOptions(query: string, found: Found): Option[] {
  const { t } = useTranslation('search');
  const router = useRouter();
  const commands = useCommands();
  return useMemo(() => {
    const q = query.trim();
    const open = (path: string) => () => router.history.push(path);
    const fitting = commands.filter((c) => matches(q, c.label));
    const command = (c: Command): Option => ({
      id: c.id,
      group: t(`palette.${c.group}`),
      run: c.run,
      content: <Line icon={<c.icon size={18} stroke={1.7} aria-hidden />} title={c.label} />,
    });
    const go = fitting.filter((c) => c.group === 'go').map(command);
    const actions = fitting.filter((c) => c.group === 'actions').map(command);
    if (!q) return [...go, ...actions];
    const everything: Option = {
      id: 'everything',
      group: '',
      run: open(`/search?q=${encodeURIComponent(q)}`),
      content: (
        <Line
          icon={<IconSearch size={18} stroke={1.7} aria-hidden />}
          title={t('palette.everything', { q })}
        />
      ),
    };
    return [
      ...go.slice(0, 5),
      ...actions.slice(0, 4),
      ...peopleOptions(found, t('palette.contacts'), open),
      ...conversationOptions(found, t('palette.conversations'), open),
      ...messageOptions(found, t('palette.messages'), open),
      ...([...q].length >= 2 ? [everything] : []),
    ];
  }, [query, found, commands, t, router]);
}

type Open = (path: string) => () => void;

function peopleOptions(found: Found, group: string, open: Open): Option[] {
  return found.contacts.map((c) => ({
    id: `contact-${c.id}`,
    group,
    run: open(`/contacts/${c.id}`),
    content: (
      <Line
        icon={<Avatar name={c.name} color={c.color} src={c.avatar_url} size={28} />}
        title={c.name}
        sub={[c.company, ...c.identities.map((i) => i.display)].filter(Boolean).slice(0, 3).join(' · ')}
      />
    ),
  }));
}

function conversationOptions(found: Found, group: string, open: Open): Option[] {
  return found.conversations.map((c) => ({
    id: `conversation-${c.id}`,
    group,
    run: open(`/c/${c.id}`),
    content: (
      <Line
        icon={<IconMessages size={18} stroke={1.7} aria-hidden />}
        title={c.title ?? c.contact.name}
        sub={c.preview.text}
        at={c.last_at}
      />
    ),
  }));
}

function messageOptions(found: Found, group: string, open: Open): Option[] {
  return found.messages.map((hit) => {
    const target = hitTarget(hit);
    const path =
      target.to === '/c/$conversationId'
        ? `/c/${target.params.conversationId}${target.search.item ? `?item=${target.search.item}` : ''}`
        : `/contacts/${target.params.contactId}`;
    return {
      id: `message-${hit.item?.id ?? hit.at}`,
      group,
      run: open(path),
      content: (
        <Line
          icon={
            <Avatar
              name={hit.contact.name}
              color={hit.contact.color}
              src={hit.contact.avatar_url}
              size={28}
            />
          }
          title={hit.contact.name}
          sub={<Snippet parts={hit.snippet} />}
          at={hit.at}
        />
      ),
    };
  });
}

function Line({ icon, title, sub, at }: { icon: ReactNode; title: string; sub?: ReactNode; at?: string }) {
  return (
    <>
      {icon}
      <span className={css.optionText}>
        <span>{title}</span>
        {sub && <span className={css.optionSub}>{sub}</span>}
      </span>
      {at && <RelativeTime at={at} className={css.optionTime} />}
    </>
  );
}
