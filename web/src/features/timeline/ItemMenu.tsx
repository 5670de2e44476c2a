import { Menu } from '@mantine/core';
import {
  IconArrowBackUp,
  IconCopy,
  IconDownload,
  IconHistory,
  IconLink,
  IconPencil,
  IconTrash,
} from '@tabler/icons-react';
import { useState } from 'react';
import { useCan, useChannels, useMe } from '@/api/reference';
import type { Capabilities, Item } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { toast } from '@/ui';
import { useTimelineActions } from './context';
import classes from './ItemMenu.module.css';

interface Props {
  item: Item;
  x: number;
  y: number;
  onClose: () => void;
}

const usual = ['👍', '❤', '🔥', '👏', '😁', '🤔', '😢', '🙏'];

const within = (item: Item, seconds: number | undefined) =>
  !seconds || Date.now() - Date.parse(item.at) < seconds * 1000;

/** What the channel and one's own permissions allow with this item. */
function useAllowed(item: Item) {
  const me = useMe().user.id;
  const channels = useChannels();
  const reply = useCan('conversation.reply');
  const removeAny = useCan('conversation.delete_message');
  const editions = useCan('item.editions');
  const can: Partial<Capabilities> =
    (item.channel_id && channels.byId.get(item.channel_id)?.capabilities) || {};
  const own = item.direction === 'out' && item.kind === 'message';
  const arrived = item.state !== 'failed' && item.state !== 'uncertain' && item.state !== 'cancelled';
  const mine = item.author.id === me;
  return {
    reply: reply && item.kind === 'message' && !!can.reply,
    react: reply && item.kind === 'message' && !!can.react,
    emoji: can.reactions?.slice(0, 8) ?? usual,
    edit:
      reply && own && !!can.edit && mine && arrived && !!item.content.text && within(item, can.edit_within),
    remove:
      (own && !!can.delete && (mine || removeAny) && arrived && within(item, can.delete_within)) ||
      (item.kind === 'note' && (mine || removeAny)),
    history: editions && !!item.edited_at,
  };
}

export function ItemMenu({ item, x, y, onClose }: Props) {
  const { t } = useTranslation(['timeline', 'common']);
  const a = useTimelineActions();
  const can = useAllowed(item);
  const [sure, setSure] = useState(false);
  const text = item.content.text;
  const file = item.files.find((f) => f.state === 'ready' && f.download_url);
  const close = () => {
    onClose();
    // Back to where the keys were, unless the deed has taken them elsewhere (the composer).
    setTimeout(() => {
      const now = document.activeElement;
      if (!now || now === document.body)
        document.getElementById(`item-${item.id}`)?.focus({ preventScroll: true });
    }, 50);
  };
  const copy = (what: string) =>
    navigator.clipboard.writeText(what).then(
      () => toast(t('common:action.copied')),
      () => undefined,
    );
  return (
    <Menu opened onClose={close} position="bottom-start" width={236} returnFocus={false} trapFocus offset={2}>
      <Menu.Target>
        <span className={classes.point} style={{ left: x, top: y }} />
      </Menu.Target>
      <Menu.Dropdown>
        {can.react && (
          <div className={classes.emoji} role="group" aria-label={t('menu.react')}>
            {can.emoji.map((emoji) => (
              <button
                key={emoji}
                type="button"
                aria-label={emoji}
                onClick={() => {
                  a.react(item, emoji);
                  onClose();
                }}
              >
                {emoji}
              </button>
            ))}
          </div>
        )}
        {can.reply && (
          <Menu.Item
            leftSection={<IconArrowBackUp size={16} />}
            rightSection={<kbd className={classes.kbd}>Q</kbd>}
            onClick={() => a.reply(item)}
          >
            {t('menu.reply')}
          </Menu.Item>
        )}
        {can.edit && (
          <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => a.edit(item)}>
            {t('menu.edit')}
          </Menu.Item>
        )}
        {text && (
          <Menu.Item leftSection={<IconCopy size={16} />} onClick={() => copy(text)}>
            {t('menu.copy')}
          </Menu.Item>
        )}
        {file && (
          <Menu.Item
            leftSection={<IconDownload size={16} />}
            component="a"
            href={file.download_url}
            download={file.name}
          >
            {t('common:action.download')}
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={<IconLink size={16} />}
          onClick={() => copy(`${window.location.origin}/c/${item.conversation_id}?item=${item.id}`)}
        >
          {t('menu.link')}
        </Menu.Item>
        {can.history && (
          <Menu.Item leftSection={<IconHistory size={16} />} onClick={() => a.history(item)}>
            {t('menu.history')}
          </Menu.Item>
        )}
        {can.remove && <Menu.Divider />}
        {can.remove && (
          <Menu.Item
            leftSection={<IconTrash size={16} />}
            className={classes.danger}
            closeMenuOnClick={sure}
            onClick={() => {
              if (sure) a.remove(item);
              else setSure(true);
            }}
          >
            {t(sure ? (item.kind === 'note' ? 'menu.delete_note_sure' : 'menu.delete_sure') : 'menu.delete')}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
