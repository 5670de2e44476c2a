import { Button, Modal, Select, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { ConversationPatch } from '@/api/conversations';
import { useMe, useTeams, useUsers } from '@/api/reference';
import type { Conversation } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import classes from './Header.module.css';

interface Props {
  conversation: Conversation;
  onClose: () => void;
  onDone: (patch: ConversationPatch) => void;
}

/** Gives the conversation to a colleague or a team, with a word on what is going on. */
export function Handover({ conversation: c, onClose, onDone }: Props) {
  const { t } = useTranslation(['conversations', 'common']);
  const me = useMe();
  const users = useUsers();
  const teams = useTeams();
  const [to, setTo] = useState<string | null>(null);
  const [note, setNote] = useState('');
  const people = users.all.filter((u) => !u.disabled && u.id !== me.user.id && u.id !== c.assignee_id);
  const data = [
    {
      group: t('people.people'),
      items: people.map((u) => ({
        value: `u${u.id}`,
        label: `${u.name} · ${t(`common:presence.${u.presence}`)}`,
      })),
    },
    { group: t('people.teams'), items: teams.all.map((x) => ({ value: `t${x.id}`, label: x.name })) },
  ];
  const done = () => {
    if (!to) return;
    const id = to.slice(1);
    onDone({
      ...(to.startsWith('u') ? { assignee_id: id } : { team_id: id, assignee_id: null }),
      note: note.trim() || undefined,
    });
    onClose();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('action.handover')}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
    >
      <div className={classes.handover}>
        <Select data-autofocus label={t('handover.to')} data={data} value={to} onChange={setTo} searchable />
        <Textarea
          label={t('handover.note')}
          placeholder={t('handover.placeholder')}
          autosize
          minRows={3}
          value={note}
          onChange={(e) => setNote(e.currentTarget.value)}
          onKeyDown={(e) => {
            if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) done();
          }}
        />
        <Button size="sm" onClick={done} disabled={!to}>
          {t('handover.give')}
        </Button>
      </div>
    </Modal>
  );
}
