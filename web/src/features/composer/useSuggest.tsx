import { type KeyboardEvent, useMemo, useState } from 'react';
import { useCanned, useUsers } from '@/api/reference';
import type { CannedReply, ID, User } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { Avatar } from '@/ui';
import { trigger } from './fill';
import type { Suggestion } from './Suggest';

interface Options {
  text: string;
  caret: number;
  note: boolean;
  inbox: ID;
  onCanned: (reply: CannedReply, from: number, to: number) => void;
  onMention: (user: User, from: number, to: number) => void;
}

const most = 8;

function rank(words: string[], wanted: string): number {
  const at = words.findIndex((w) => w.toLowerCase().startsWith(wanted));
  if (at >= 0) return at;
  return words.some((w) => w.toLowerCase().includes(wanted)) ? words.length : -1;
}

function best<T>(list: T[], wanted: string, words: (x: T) => string[]): T[] {
  return list
    .map((x) => ({ x, r: rank(words(x), wanted) }))
    .filter(({ r }) => r >= 0)
    .sort((a, b) => a.r - b.r)
    .slice(0, most)
    .map(({ x }) => x);
}

/** Canned replies after "/", colleagues after "@" in a note: list, keys, picking. */
export function useSuggest(o: Options) {
  const { t } = useTranslation('composer');
  const canned = useCanned();
  const users = useUsers();
  const [at, setAt] = useState(0);
  const [dismissed, setDismissed] = useState<string>();
  const found = trigger(o.text, o.caret);
  const active = found && (found.kind === '/' || o.note) ? found : undefined;
  const stamp = active ? `${active.kind}${active.from}` : undefined;
  const open = !!active && stamp !== dismissed;
  const wanted = (active?.word ?? '').toLowerCase();

  const replies = useMemo(
    () =>
      active?.kind === '/'
        ? best(
            canned.all.filter((c) => !c.inbox_id || c.inbox_id === o.inbox),
            wanted,
            (c) => [c.shortcut, c.title, c.text],
          )
        : [],
    [active?.kind, canned.all, o.inbox, wanted],
  );
  const people = useMemo(
    () =>
      active?.kind === '@'
        ? best(
            users.all.filter((u) => !u.disabled),
            wanted,
            (u) => [u.name, ...u.name.split(' ').slice(1)],
          )
        : [],
    [active?.kind, users.all, wanted],
  );
  const list: Suggestion[] =
    active?.kind === '/'
      ? replies.map((c) => ({
          key: c.id,
          title: c.title || c.shortcut,
          text: c.text,
          before: <code>/{c.shortcut}</code>,
        }))
      : people.map((u) => ({
          key: u.id,
          title: u.name,
          before: <Avatar name={u.name} id={u.id} src={u.avatar_url} size={24} presence={u.presence} />,
        }));
  const index = Math.min(at, Math.max(0, list.length - 1));

  const pick = (i: number) => {
    if (!active) return;
    const reply = replies[i];
    const user = people[i];
    if (active.kind === '/' && reply) o.onCanned(reply, active.from, o.caret);
    if (active.kind === '@' && user) o.onMention(user, active.from, o.caret);
    setAt(0);
  };

  /** Whether the key was meant for the list. */
  const onKey = (e: KeyboardEvent): boolean => {
    if (!open) return false;
    if (e.key === 'Escape') setDismissed(stamp);
    else if (list.length === 0) return false;
    else if (e.key === 'ArrowDown') setAt((index + 1) % list.length);
    else if (e.key === 'ArrowUp') setAt((index - 1 + list.length) % list.length);
    else if (e.key === 'Enter' || e.key === 'Tab') pick(index);
    else return false;
    e.preventDefault();
    return true;
  };

  // "@" before any match, or a name long finished, is no question any more.
  const shown = open && (active?.kind === '/' || list.length > 0);
  return {
    open: shown,
    list,
    index,
    pick,
    onKey,
    label: t(active?.kind === '@' ? 'mention.label' : 'canned.label'),
    empty: t('canned.none'),
  };
}
