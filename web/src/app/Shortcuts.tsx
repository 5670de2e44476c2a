import { Modal } from '@mantine/core';
import { useTranslation } from '@/i18n/useTranslation';
import classes from './Shortcuts.module.css';

const mac = typeof navigator !== 'undefined' && /mac/i.test(navigator.platform);
const mod = mac ? '⌘' : 'Ctrl';

const groups: { title: string; keys: [string, string[]][] }[] = [
  {
    title: 'general',
    keys: [
      ['palette', [`${mod} K`]],
      ['help', ['?']],
      ['go_list', ['G', 'L']],
      ['go_contacts', ['G', 'C']],
      ['go_settings', ['G', 'S']],
    ],
  },
  {
    title: 'list',
    keys: [
      ['next', ['J']],
      ['prev', ['K']],
      ['open', ['Enter']],
      ['select', ['X']],
    ],
  },
  {
    title: 'timeline',
    keys: [
      ['reply', ['R']],
      ['note', ['N']],
      ['items', ['↑', '↓']],
      ['item_menu', ['Enter']],
      ['item_reply', ['Q']],
      ['end', ['End']],
      ['resolve', ['E']],
      ['snooze', ['S']],
      ['assign', ['A']],
      ['assign_me', ['I']],
      ['unread', ['U']],
      ['contact', ['C']],
    ],
  },
  {
    title: 'composer',
    keys: [
      ['send', ['Enter']],
      ['newline', ['Shift Enter']],
      ['bold', [`${mod} B`]],
      ['italic', [`${mod} I`]],
      ['strike', [`${mod} Shift X`]],
      ['code', [`${mod} E`]],
      ['link', [`${mod} Shift K`]],
      ['canned', ['/']],
      ['mention', ['@']],
      ['edit_last', ['↑']],
      ['leave', ['Esc']],
    ],
  },
];

export function Shortcuts({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('shortcuts.title')}
      size={720}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <div className={classes.grid}>
        {groups.map((group) => (
          <section key={group.title}>
            <h3>{t(`shortcuts.${group.title}`)}</h3>
            <dl>
              {group.keys.map(([name, keysOf]) => (
                <div key={name}>
                  <dt>{t(`shortcuts.${name}`)}</dt>
                  <dd>
                    {keysOf.map((k) => (
                      <kbd key={k}>{k}</kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
