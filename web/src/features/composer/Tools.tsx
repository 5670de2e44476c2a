import { ActionIcon, Button, Menu, Popover, Tooltip } from '@mantine/core';
import {
  IconCalendarClock,
  IconKeyboard,
  IconMicrophone,
  IconMoodSmile,
  IconPaperclip,
  IconSend2,
  IconTypography,
} from '@tabler/icons-react';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import type { MarkType } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import classes from './Composer.module.css';
import type { ComposerState } from './useComposer';

const EmojiPicker = lazy(() => import('./EmojiPicker').then((m) => ({ default: m.EmojiPicker })));
const Schedule = lazy(() => import('./Schedule').then((m) => ({ default: m.Schedule })));

interface ToolsProps {
  s: ComposerState;
  insert: (what: string) => void;
  onRecord: () => void;
  onFiles: () => void;
  onFormat: (type: 'bold' | 'italic' | 'strike' | 'code' | 'link' | 'quote') => void;
}

/** What can be put into an answer besides words, and sending it. */
export function Tools({ s, insert, onRecord, onFiles, onFormat }: ToolsProps) {
  const { t } = useTranslation('composer');
  const [emoji, setEmoji] = useState(false);
  const [schedule, setSchedule] = useState(false);
  const can = s.can;
  const plain = !s.note && !s.editing;
  const byEnter = s.me.settings.send_by === 'enter';
  const tool = (label: string, icon: ReactNode, onClick: () => void, on?: boolean) => (
    <Tooltip label={label}>
      <ActionIcon onClick={onClick} aria-label={label} size={32} color={on ? 'accent' : 'gray'}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
  return (
    <div className={classes.tools}>
      {!s.editing && tool(t('tool.files'), <IconPaperclip size={19} stroke={1.7} />, onFiles)}
      <Popover opened={emoji} onChange={setEmoji} position="top-start" withinPortal trapFocus>
        <Popover.Target>
          <ActionIcon
            size={32}
            aria-label={t('tool.emoji')}
            title={t('tool.emoji')}
            aria-expanded={emoji}
            onClick={() => setEmoji((o) => !o)}
          >
            <IconMoodSmile size={19} stroke={1.7} />
          </ActionIcon>
        </Popover.Target>
        <Popover.Dropdown p={6}>
          <Suspense fallback={null}>{emoji && <EmojiPicker onPick={insert} />}</Suspense>
        </Popover.Dropdown>
      </Popover>
      {plain &&
        can?.attachments.voice &&
        tool(t('tool.voice'), <IconMicrophone size={19} stroke={1.7} />, onRecord)}
      {plain && (
        <Popover opened={schedule} onChange={setSchedule} position="top-start" withinPortal trapFocus>
          <Popover.Target>
            <ActionIcon
              size={32}
              aria-label={t('tool.schedule')}
              title={t('tool.schedule')}
              aria-expanded={schedule}
              disabled={!s.sendable}
              onClick={() => setSchedule((o) => !o)}
              className={classes.tool}
            >
              <IconCalendarClock size={19} stroke={1.7} />
            </ActionIcon>
          </Popover.Target>
          <Popover.Dropdown>
            <Suspense fallback={null}>
              {schedule && (
                <Schedule
                  onPick={(at) => {
                    setSchedule(false);
                    s.submit(at);
                  }}
                />
              )}
            </Suspense>
          </Popover.Dropdown>
        </Popover>
      )}
      {plain &&
        !!can?.buttons.max &&
        tool(
          t('tool.buttons'),
          <IconKeyboard size={19} stroke={1.7} />,
          () =>
            s.setButtons(s.buttons ? undefined : [{ kind: can.buttons.kinds[0] ?? 'callback', text: '' }]),
          !!s.buttons,
        )}
      {!s.note && !!can?.marks.length && <Format marks={can.marks} onFormat={onFormat} />}
      <span className={classes.grow} />
      {s.left < 200 && (
        <span
          className={classes.counter}
          data-over={s.left < 0 || undefined}
          role={s.left < 0 ? 'alert' : undefined}
        >
          {s.left < 0 ? t('too_long', { count: -s.left }) : s.left}
        </span>
      )}
      <span className={classes.hint}>{t(byEnter ? 'hint.enter' : 'hint.ctrl_enter')}</span>
      <Button
        size="sm"
        h={34}
        onClick={() => s.submit()}
        disabled={!s.sendable}
        color={s.note ? 'yellow' : undefined}
        className={classes.send}
        rightSection={<IconSend2 size={17} />}
      >
        {t(s.editing ? 'save' : s.note ? 'send_note' : 'send')}
      </Button>
    </div>
  );
}

const formats = [
  ['bold', 'B'],
  ['italic', 'I'],
  ['strike', '⇧ X'],
  ['code', 'E'],
  ['link', '⇧ K'],
  ['quote', '⇧ 9'],
] as const;

/** The channel's own formatting, for those who do not know the keys. */
function Format({ marks, onFormat }: { marks: MarkType[]; onFormat: ToolsProps['onFormat'] }) {
  const { t } = useTranslation('composer');
  return (
    <Menu position="top-start" width={210} returnFocus={false}>
      <Menu.Target>
        <ActionIcon size={32} aria-label={t('tool.format')} title={t('tool.format')} className={classes.tool}>
          <IconTypography size={19} stroke={1.7} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {formats
          .filter(([type]) => marks.includes(type))
          .map(([type, key]) => (
            <Menu.Item
              key={type}
              onClick={() => onFormat(type)}
              rightSection={<small className={classes.kbd}>Ctrl {key}</small>}
            >
              {t(`format.${type}`)}
            </Menu.Item>
          ))}
      </Menu.Dropdown>
    </Menu>
  );
}
