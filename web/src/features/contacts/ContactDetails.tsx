import { useCan } from '@/api/reference';
import type { Contact } from '@/api/types';
import { Block } from '@/features/contact/Block';
import pane from '@/features/contact/ContactPane.module.css';
import { Earlier } from '@/features/contact/Earlier';
import { FieldsBlock } from '@/features/contact/FieldsBlock';
import { FilesBlock } from '@/features/contact/FilesBlock';
import { Identities } from '@/features/contact/Identities';
import { InlineText } from '@/features/contact/InlineText';
import { Merging } from '@/features/contact/Merging';
import { Notes } from '@/features/contact/Notes';
import { Origin } from '@/features/contact/Origin';
import { TagsBlock } from '@/features/contact/TagsBlock';
import { useContactChange } from '@/features/contact/useContactChange';
import { useTranslation } from '@/i18n/useTranslation';
import { ConfirmInline } from '@/ui';

/** What the pane beside a conversation shows, for a contact by itself. */
export function ContactDetails({ contact }: { contact: Contact }) {
  const { t } = useTranslation(['contact', 'contacts']);
  const editable = useCan('contact.edit');
  const change = useContactChange(contact.id);
  return (
    <>
      {contact.blocked && <div className={pane.blocked}>{t('is_blocked')}</div>}
      <Merging contact={contact} />
      <Block title={t('contacts:col.name')}>
        <InlineText
          value={contact.name}
          label={t('name')}
          onSave={(name) => change({ name })}
          disabled={!editable}
          required
        />
        <InlineText
          value={contact.company ?? ''}
          label={t('company')}
          placeholder={t('company_add')}
          onSave={(company) => change({ company })}
          disabled={!editable}
        />
      </Block>
      <Identities contact={contact} editable={editable} />
      <FieldsBlock contact={contact} editable={editable} />
      <TagsBlock contact={contact} editable={editable} />
      <Notes contact={contact} />
      <FilesBlock contact={contact} />
      <Earlier contact={contact} current="" />
      <Origin contact={contact} />
      {editable && (
        <footer className={pane.foot}>
          <ConfirmInline
            label={t(contact.blocked ? 'contacts:one.unblock' : 'contacts:one.block')}
            question={contact.blocked ? undefined : t('contacts:one.block_sure')}
            danger={!contact.blocked}
            onConfirm={() => void change({ blocked: !contact.blocked })}
          />
        </footer>
      )}
    </>
  );
}
