import { ActionIcon } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { contactQuery } from '@/api/contacts';
import { useCan } from '@/api/reference';
import type { Conversation } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { Avatar, ConfirmInline, ErrorState, SkeletonRows } from '@/ui';
import classes from './ContactPane.module.css';
import { Earlier } from './Earlier';
import { FieldsBlock } from './FieldsBlock';
import { FilesBlock } from './FilesBlock';
import { Identities } from './Identities';
import { InlineText } from './InlineText';
import { Merging } from './Merging';
import { Notes } from './Notes';
import { Origin } from './Origin';
import { TagsBlock } from './TagsBlock';
import { useContactChange } from './useContactChange';

interface Props {
  conversation: Conversation;
  onClose: () => void;
}

/** Who it is, how to reach them, and everything kept about them; edited where it stands. */
export function ContactPane({ conversation, onClose }: Props) {
  const { t } = useTranslation(['contact', 'common']);
  const id = conversation.contact.id;
  const query = useQuery(contactQuery(id));
  const change = useContactChange(id);
  const canEdit = useCan('contact.edit');
  const c = query.data;
  return (
    <div className={classes.pane}>
      <header className={classes.head}>
        <Avatar
          name={conversation.contact.name}
          color={conversation.contact.color}
          src={conversation.contact.avatar_url}
          size={44}
        />
        <div className={classes.names}>
          {c ? (
            <InlineText
              value={c.name}
              label={t('name')}
              onSave={(name) => change({ name })}
              disabled={!canEdit}
              required
              strong
            />
          ) : (
            <b className={classes.name}>{conversation.contact.name}</b>
          )}
          {c && (
            <InlineText
              value={c.company ?? ''}
              label={t('company')}
              placeholder={t('company_add')}
              onSave={(company) => change({ company })}
              disabled={!canEdit}
            />
          )}
        </div>
        <ActionIcon className={classes.close} onClick={onClose} aria-label={t('common:action.close')}>
          <IconX size={18} />
        </ActionIcon>
      </header>
      {query.isPending && <SkeletonRows rows={5} avatar={false} />}
      {query.isError && !c && <ErrorState error={query.error} onRetry={() => query.refetch()} />}
      {c && (
        <>
          {c.blocked && <div className={classes.blocked}>{t('is_blocked')}</div>}
          <Merging contact={c} />
          <Identities contact={c} conversation={conversation} editable={canEdit} />
          <FieldsBlock contact={c} editable={canEdit} />
          <TagsBlock contact={c} editable={canEdit} />
          <Notes contact={c} />
          <FilesBlock contact={c} />
          <Earlier contact={c} current={conversation.id} />
          <Origin contact={c} />
          <footer className={classes.foot}>
            <Link to="/contacts/$contactId" params={{ contactId: c.id }}>
              {t('whole')}
            </Link>
            {canEdit && (
              <ConfirmInline
                label={t(c.blocked ? 'unblock' : 'block')}
                question={t(c.blocked ? 'unblock_sure' : 'block_sure')}
                danger={!c.blocked}
                onConfirm={() => change({ blocked: !c.blocked })}
              />
            )}
          </footer>
        </>
      )}
    </div>
  );
}
