import { Menu, type MenuProps } from '@mantine/core';
import { IconCheck, IconUserOff, IconUsers } from '@tabler/icons-react';
import { type ReactElement, useState } from 'react';
import type { ConversationPatch } from '@/api/conversations';
import { useMe, useTeams, useUsers } from '@/api/reference';
import type { ID } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { Avatar } from '@/ui';
import classes from './Header.module.css';

interface Props {
  onPick: (patch: ConversationPatch) => void;
  assignee?: ID;
  team?: ID;
  position?: MenuProps['position'];
  opened?: boolean;
  onChange?: (open: boolean) => void;
  children: ReactElement;
}

/** Whom to give it to: oneself first, who is there before who is not; teams below. */
export function PeopleMenu({
  onPick,
  assignee,
  team,
  position = 'bottom-end',
  opened,
  onChange,
  children,
}: Props) {
  const { t } = useTranslation(['conversations', 'common']);
  const me = useMe();
  const users = useUsers();
  const teams = useTeams();
  const [find, setFind] = useState('');
  const rank = { online: 0, away: 1, offline: 2 };
  const wanted = find.trim().toLowerCase();
  const people = users.all
    .filter((u) => !u.disabled && u.name.toLowerCase().includes(wanted))
    .sort(
      (a, b) =>
        Number(b.id === me.user.id) - Number(a.id === me.user.id) ||
        rank[a.presence] - rank[b.presence] ||
        a.name.localeCompare(b.name),
    );
  const found = teams.all.filter((x) => x.name.toLowerCase().includes(wanted));
  return (
    <Menu
      position={position}
      width={270}
      opened={opened}
      onChange={onChange}
      onClose={() => setFind('')}
      trapFocus
    >
      <Menu.Target>{children}</Menu.Target>
      <Menu.Dropdown role="dialog" aria-label={t('people.find')}>
        <Menu.Search
          value={find}
          onChange={(e) => setFind(e.currentTarget.value)}
          placeholder={t('people.find')}
          aria-label={t('people.find')}
        />
        <div className={classes.people} role="menu" aria-label={t('people.people')}>
          {!wanted && (
            <Menu.Item
              leftSection={<IconUserOff size={18} />}
              onClick={() => onPick({ assignee_id: null })}
              disabled={assignee === undefined}
            >
              {t('people.nobody')}
            </Menu.Item>
          )}
          {people.map((u) => (
            <Menu.Item
              key={u.id}
              leftSection={
                <Avatar name={u.name} id={u.id} src={u.avatar_url} size={22} presence={u.presence} />
              }
              rightSection={u.id === assignee && <IconCheck size={15} />}
              onClick={() => onPick({ assignee_id: u.id })}
            >
              {u.id === me.user.id ? t('people.me', { name: u.name }) : u.name}
            </Menu.Item>
          ))}
          {found.length > 0 && <Menu.Label>{t('people.teams')}</Menu.Label>}
          {found.map((x) => (
            <Menu.Item
              key={x.id}
              leftSection={<IconUsers size={18} />}
              rightSection={x.id === team && <IconCheck size={15} />}
              onClick={() => onPick({ team_id: x.id === team ? null : x.id })}
            >
              {x.name}
            </Menu.Item>
          ))}
        </div>
      </Menu.Dropdown>
    </Menu>
  );
}
