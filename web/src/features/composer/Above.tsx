import { ActionIcon } from '@mantine/core';
import { IconPencil, IconX } from '@tabler/icons-react';
import { useSignals } from '@/api/live/signals';
import { useUsers } from '@/api/reference';
import type { Aim } from '@/features/conversations/ConversationPane';
import { useTranslation } from '@/i18n/useTranslation';
import classes from './Composer.module.css';
import type { ComposerState } from './useComposer';

/** A colleague is answering at this very moment. */
export function Collision({ id }: { id: string }) {
  const { t } = useTranslation('composer');
  const users = useUsers();
  const busy = useSignals(id).find(
    (x) => x.user_id && (x.activity === 'typing' || x.activity === 'recording'),
  );
  if (!busy) return null;
  return (
    <div className={classes.collision} role="status">
      {t('collision', { name: users.byId.get(busy.user_id ?? '')?.name ?? '' })}
    </div>
  );
}

/** What is being answered or corrected. */
export function AimLine({ s, onAim }: { s: ComposerState; onAim: (aim?: Aim) => void }) {
  const { t } = useTranslation(['composer', 'common']);
  const item = s.editing ?? s.reply;
  if (!item) return null;
  return (
    <div className={classes.aim}>
      {s.editing ? <IconPencil size={16} aria-hidden /> : null}
      <span>
        <b>{s.editing ? t('editing') : t('replying', { name: item.author.name })}</b>
        <small>
          {item.content.text ||
            item.files[0]?.transcript ||
            (item.files[0] && t(`common:files.${item.files[0].kind}`)) ||
            ''}
        </small>
      </span>
      <ActionIcon size={26} onClick={() => onAim(undefined)} aria-label={t('common:action.cancel')}>
        <IconX size={16} />
      </ActionIcon>
    </div>
  );
}
