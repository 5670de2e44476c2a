import { ActionIcon, Button, Menu } from '@mantine/core';
import {
  IconArrowLeft,
  IconCheck,
  IconDots,
  IconInbox,
  IconLayoutSidebarRight,
  IconMail,
  IconMoonStars,
  IconRotate,
  IconTransfer,
  IconUser,
} from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useState } from 'react';
import { type ConversationPatch, changeConversation, markUnread } from '@/api/conversations';
import { errorText } from '@/api/error';
import { useSignals } from '@/api/live/signals';
import { useCan, useInboxes, useMe, useTeams, useUsers } from '@/api/reference';
import type { Conversation } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { Avatar, dateTime, toast } from '@/ui';
import classes from './Header.module.css';
import { PeopleMenu } from './PeopleMenu';
import { SnoozeItems } from './SnoozeItems';
import { useConversationKeys } from './useConversationKeys';

const Handover = lazy(() => import('./Handover').then((m) => ({ default: m.Handover })));

interface Props {
  conversation: Conversation;
  contactShown: boolean;
  onContact: () => void;
}

export function Header({ conversation: c, contactShown, onContact }: Props) {
  const { t, i18n } = useTranslation(['conversations', 'common']);
  const client = useQueryClient();
  const navigate = useNavigate();
  const me = useMe();
  const users = useUsers();
  const teams = useTeams();
  const inboxes = useInboxes();
  const canAssign = useCan('conversation.assign');
  const [people, setPeople] = useState(false);
  const [snoozing, setSnoozing] = useState(false);
  const [handing, setHanding] = useState(false);
  const change = useCallback(
    (patch: ConversationPatch) =>
      changeConversation(client, c.id, patch).catch((error) => toast(errorText(t, error), 'error')),
    [client, c.id, t],
  );
  const back = useCallback(
    () => navigate({ to: '/', search: (s) => ({ ...s, item: undefined }) as never }),
    [navigate],
  );
  const unread = useCallback(() => {
    markUnread(client, c.id).then(back, (error) => toast(errorText(t, error), 'error'));
  }, [client, c.id, back, t]);
  const resolved = c.status === 'resolved';
  const toggle = () => change({ status: resolved ? 'open' : 'resolved' });
  useConversationKeys({
    resolve: toggle,
    snooze: () => setSnoozing(true),
    assign: () => canAssign && setPeople(true),
    take: () => change({ assignee_id: me.user.id }),
    unread,
    contact: onContact,
  });
  const assignee = c.assignee_id ? users.byId.get(c.assignee_id) : undefined;
  const team = c.team_id ? teams.byId.get(c.team_id) : undefined;
  return (
    <header className={classes.bar}>
      <ActionIcon className={classes.back} onClick={back} aria-label={t('common:action.back')}>
        <IconArrowLeft size={20} />
      </ActionIcon>
      <div className={classes.who}>
        <h1 className={classes.heading}>
          <button type="button" className={classes.name} onClick={onContact} title={t('contact')}>
            {c.group && c.title ? c.title : c.contact.name}
          </button>
        </h1>
        <Subtitle conversation={c} />
      </div>
      <PeopleMenu
        opened={people}
        onChange={(o) => setPeople(o && canAssign)}
        assignee={c.assignee_id}
        team={c.team_id}
        onPick={change}
      >
        <button
          type="button"
          className={classes.assignee}
          title={t('assignee', { name: assignee?.name ?? t('people.nobody') })}
          disabled={!canAssign}
        >
          {assignee ? (
            <Avatar
              name={assignee.name}
              id={assignee.id}
              src={assignee.avatar_url}
              size={20}
              presence={assignee.presence}
            />
          ) : (
            <IconUser size={16} aria-hidden />
          )}
          <span className={classes.hide}>
            {assignee ? shortName(assignee.name) : t('people.nobody')}
            {team && <em> · {team.name}</em>}
          </span>
        </button>
      </PeopleMenu>
      <Menu opened={snoozing} onChange={setSnoozing} width={280} trapFocus>
        <Menu.Target>
          {c.status === 'snoozed' && c.snoozed_until ? (
            <Button variant="light" className={classes.hide} leftSection={<IconMoonStars size={15} />}>
              {dateTime(c.snoozed_until, i18n.language)}
            </Button>
          ) : (
            <Button variant="default" className={classes.hide}>
              {t('action.snooze')}
            </Button>
          )}
        </Menu.Target>
        <Menu.Dropdown>
          {c.status === 'snoozed' && (
            <Menu.Item onClick={() => change({ status: 'open' })}>{t('snooze.wake')}</Menu.Item>
          )}
          <SnoozeItems
            onPick={(until) => {
              setSnoozing(false);
              change({ status: 'snoozed', snoozed_until: until });
            }}
          />
        </Menu.Dropdown>
      </Menu>
      <Button
        onClick={toggle}
        variant={resolved ? 'default' : 'filled'}
        leftSection={resolved ? <IconRotate size={15} /> : <IconCheck size={15} />}
        className={classes.resolve}
      >
        {t(resolved ? 'action.reopen' : 'action.resolve')}
      </Button>
      <Menu width={230}>
        <Menu.Target>
          <ActionIcon aria-label={t('common:action.more')} title={t('common:action.more')}>
            <IconDots size={19} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {c.assignee_id !== me.user.id && (
            <Menu.Item
              leftSection={<IconUser size={16} />}
              onClick={() => change({ assignee_id: me.user.id })}
            >
              {t('action.take')}
            </Menu.Item>
          )}
          {canAssign && (
            <Menu.Item leftSection={<IconTransfer size={16} />} onClick={() => setHanding(true)}>
              {t('action.handover')}
            </Menu.Item>
          )}
          <Menu.Item
            leftSection={<IconMoonStars size={16} />}
            onClick={() => setSnoozing(true)}
            className={classes.onlyPhone}
          >
            {t('action.snooze')}
          </Menu.Item>
          <Menu.Item leftSection={<IconMail size={16} />} onClick={unread}>
            {t('action.unread')}
          </Menu.Item>
          {c.status === 'open' && (
            <Menu.Item onClick={() => change({ status: 'pending' })}>{t('action.pending')}</Menu.Item>
          )}
          {inboxes.all.length > 1 && <Menu.Label>{t('action.move')}</Menu.Label>}
          {inboxes.all.length > 1 &&
            inboxes.all.map((x) => (
              <Menu.Item
                key={x.id}
                leftSection={<IconInbox size={16} color={x.color} />}
                rightSection={x.id === c.inbox_id && <IconCheck size={15} />}
                disabled={x.id === c.inbox_id}
                onClick={() => change({ inbox_id: x.id })}
              >
                {x.name}
              </Menu.Item>
            ))}
        </Menu.Dropdown>
      </Menu>
      <ActionIcon
        aria-label={t('contact')}
        title={t('contact')}
        aria-pressed={contactShown}
        onClick={onContact}
        className={classes.hide}
        color={contactShown ? 'accent' : 'gray'}
      >
        <IconLayoutSidebarRight size={19} stroke={1.7} />
      </ActionIcon>
      <Suspense fallback={null}>
        {handing && <Handover conversation={c} onClose={() => setHanding(false)} onDone={change} />}
      </Suspense>
    </header>
  );
}

function shortName(name: string): string {
  const [first = '', last] = name.split(' ');
  return last ? `${first} ${last.slice(0, 1)}.` : first;
}

/** Who is busy here, or else where it came from. */
function Subtitle({ conversation: c }: { conversation: Conversation }) {
  const { t } = useTranslation(['conversations', 'common']);
  const signals = useSignals(c.id);
  const users = useUsers();
  const inboxes = useInboxes();
  const answering = signals.find((s) => s.user_id && s.activity !== 'viewing' && s.activity !== 'note');
  const looking = signals
    .filter((s) => s.user_id && s.activity === 'viewing')
    .map((s) => users.byId.get(s.user_id ?? '')?.name.split(' ')[0]);
  if (answering) {
    return (
      <span className={classes.warn}>
        {t('busy.answering', { name: users.byId.get(answering.user_id ?? '')?.name.split(' ')[0] ?? '' })}
      </span>
    );
  }
  const typing = signals.find((s) => !s.user_id);
  if (typing)
    return (
      <span className={classes.live}>
        {t(typing.activity === 'recording' ? 'busy.recording' : 'busy.typing')}
      </span>
    );
  const parts = [
    c.channel_kinds.map((k) => t(`common:channel.${k}`)).join(', '),
    inboxes.byId.get(c.inbox_id)?.name,
    c.status !== 'open' && t(`status.${c.status}`),
  ];
  if (looking.length) parts.push(t('busy.looking', { names: looking.join(', ') }));
  return <span className={classes.sub}>{parts.filter(Boolean).join(' · ')}</span>;
}
