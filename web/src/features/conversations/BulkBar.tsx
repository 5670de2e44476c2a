import { ActionIcon, Menu } from '@mantine/core';
import { IconCheck, IconMoonStars, IconUserPlus, IconX } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type ConversationPatch, changeMany } from '@/api/conversations';
import { errorText } from '@/api/error';
import { useCan } from '@/api/reference';
import { useTranslation } from '@/i18n/useTranslation';
import { toast } from '@/ui';
import classes from './ListPane.module.css';
import { PeopleMenu } from './PeopleMenu';
import { SnoozeItems } from './SnoozeItems';
import type { Selection } from './useSelection';

/** What can be done with all marked rows at once. */
export function BulkBar({ selection }: { selection: Selection }) {
  const { t } = useTranslation('conversations');
  const client = useQueryClient();
  const canAssign = useCan('conversation.assign');
  const [busy, setBusy] = useState(false);
  const run = async (patch: ConversationPatch) => {
    setBusy(true);
    try {
      await changeMany(client, [...selection.ids], patch);
      selection.clear();
    } catch (error) {
      toast(errorText(t, error), 'error');
    }
    setBusy(false);
  };
  return (
    <div className={classes.bulk} role="toolbar" aria-label={t('bulk.label')}>
      <b>{t('bulk.count', { count: selection.ids.size })}</b>
      <ActionIcon
        aria-label={t('action.resolve')}
        title={t('action.resolve')}
        disabled={busy}
        onClick={() => run({ status: 'resolved' })}
      >
        <IconCheck size={18} />
      </ActionIcon>
      <Menu position="top-end">
        <Menu.Target>
          <ActionIcon aria-label={t('action.snooze')} title={t('action.snooze')} disabled={busy}>
            <IconMoonStars size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <SnoozeItems onPick={(until) => run({ status: 'snoozed', snoozed_until: until })} />
        </Menu.Dropdown>
      </Menu>
      {canAssign && (
        <PeopleMenu onPick={(p) => run(p)} position="top-end">
          <ActionIcon aria-label={t('action.assign')} title={t('action.assign')} disabled={busy}>
            <IconUserPlus size={18} />
          </ActionIcon>
        </PeopleMenu>
      )}
      <ActionIcon aria-label={t('bulk.clear')} title={t('bulk.clear')} onClick={selection.clear}>
        <IconX size={18} />
      </ActionIcon>
    </div>
  );
}
