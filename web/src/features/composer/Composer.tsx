import { ActionIcon, Button, Menu, Popover, Tooltip } from '@mantine/core';
import {
  IconCalendarClock,
  IconKeyboard,
  IconMicrophone,
  IconMoodSmile,
  IconPaperclip,
  IconPencil,
  IconSend2,
  IconTypography,
  IconX,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import {
  type ClipboardEvent,
  type DragEvent,
  lazy,
  Suspense,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { contactQuery } from '@/api/contacts';
import { useSignals } from '@/api/live/signals';
import { useCan, useInboxes, useUsers } from '@/api/reference';
import type { Conversation, MarkType } from '@/api/types';
import { letter, typingIn } from '@/app/useGlobalKeys';
import type { Aim } from '@/features/conversations/ConversationPane';
import { MarkedText } from '@/features/timeline/MarkedText';
import { useTranslation } from '@/i18n/useTranslation';
import { AttachmentList } from './AttachmentList';
import { ChannelPicker } from './ChannelPicker';
import classes from './Composer.module.css';
import { fill } from './fill';
import { toggle } from './markup';
import { Suggest } from './Suggest';
import { useBoxKeys } from './useBoxKeys';
import { type ComposerState, useComposer } from './useComposer';
import { useSuggest } from './useSuggest';

const Recorder = lazy(() => import('./Recorder').then((m) => ({ default: m.Recorder })));
const EmojiPicker = lazy(() => import('./EmojiPicker').then((m) => ({ default: m.EmojiPicker })));
const TemplateForm = lazy(() => import('./TemplateForm').then((m) => ({ default: m.TemplateForm })));
const ButtonsEditor = lazy(() => import('./ButtonsEditor').then((m) => ({ default: m.ButtonsEditor })));
const Schedule = lazy(() => import('./Schedule').then((m) => ({ default: m.Schedule })));

interface Props {
  conversation: Conversation;
  aim?: Aim;
  onAim: (aim?: Aim) => void;
}

export function Composer({ conversation: c, aim, onAim }: Props) {
  const { t } = useTranslation(['composer', 'common']);
  const s = useComposer(c, aim, onAim);
  const may = useCan('conversation.reply');
  const [recording, setRecording] = useState(false);
  const [over, setOver] = useState(false);
  const drop = (e: DragEvent) => {
    e.preventDefault();
    setOver(false);
    if (e.dataTransfer.files.length) s.files.add(e.dataTransfer.files, s.note ? undefined : s.can);
  };
  if (!may) return <div className={classes.shut}>{t('no_permission')}</div>;
  if (c.contact.blocked) return <div className={classes.shut}>{t('blocked')}</div>;
  return (
    <section
      className={classes.composer}
      aria-label={t('label')}
      data-note={s.note || undefined}
      data-over={over || undefined}
      onDragOver={(e) => {
        if (!e.dataTransfer.types.includes('Files')) return;
        e.preventDefault();
        setOver(true);
      }}
      onDragLeave={(e) => !e.currentTarget.contains(e.relatedTarget as Node) && setOver(false)}
      onDrop={drop}
    >
      {over && <div className={classes.drop}>{t('drop')}</div>}
      <Collision id={c.id} />
      <ChannelPicker
        targets={s.targets.data ?? []}
        chosen={s.target}
        note={s.note}
        onChoose={(x) => {
          s.setNote(false);
          s.setTarget(x);
        }}
        onNote={s.setNote}
      />
      <AimLine s={s} onAim={onAim} />
      {recording && !s.note ? (
        <Suspense fallback={null}>
          <Recorder
            onSend={(file) => {
              s.sendVoice(file);
              setRecording(false);
            }}
            onClose={() => setRecording(false)}
            onActive={s.recording}
          />
        </Suspense>
      ) : s.onlyTemplate && s.target ? (
        <Suspense fallback={null}>
          <TemplateForm channel={s.target.channel_id} onSend={s.sendTemplate} />
        </Suspense>
      ) : (
        <Writing c={c} s={s} onAim={onAim} onRecord={() => setRecording(true)} />
      )}
    </section>
  );
}

/** A colleague is answering at this very moment. */
function Collision({ id }: { id: string }) {
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

function AimLine({ s, onAim }: { s: ComposerState; onAim: (aim?: Aim) => void }) {
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

interface WritingProps {
  c: Conversation;
  s: ComposerState;
  onAim: (aim?: Aim) => void;
  onRecord: () => void;
}

function Writing({ c, s, onAim, onRecord }: WritingProps) {
  const { t } = useTranslation(['composer', 'common']);
  const inboxes = useInboxes();
  const contact = useQuery(contactQuery(c.contact.id)).data;
  const box = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const [caret, setCaret] = useState(0);
  const next = useRef<[number, number]>(undefined);

  const put = useCallback(
    (text: string, from: number, to = from) => {
      next.current = [from, to];
      s.type(text);
      setCaret(to);
    },
    [s.type],
  );
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    element.style.height = 'auto';
    element.style.height = `${Math.min(element.scrollHeight, Math.round(window.innerHeight * 0.38))}px`;
    if (next.current) {
      element.focus();
      element.setSelectionRange(...next.current);
      next.current = undefined;
    }
  });
  const insert = (
    what: string,
    from = box.current?.selectionStart ?? s.text.length,
    to = box.current?.selectionEnd ?? from,
  ) => put(s.text.slice(0, from) + what + s.text.slice(to), from + what.length);

  const suggest = useSuggest({
    text: s.text,
    caret,
    note: s.note,
    inbox: c.inbox_id,
    onCanned: (reply, from, to) => {
      const filled = fill(reply.text, {
        contact: { ...c.contact, fields: contact?.fields },
        agent: s.me.user.name.split(' ')[0] ?? '',
        inbox: inboxes.byId.get(c.inbox_id)?.name ?? '',
      });
      insert(filled, from, to);
      if (reply.files.length) s.files.restore(reply.files);
    },
    onMention: (user, from, to) => insert(`@${user.name} `, from, to),
  });
  const keys = useBoxKeys({ c, s, onAim, suggest, put, box });
  useComposerFocus(box, s.setNote, c.id, !!s.reply || !!s.editing);

  const paste = (e: ClipboardEvent) => {
    if (!e.clipboardData.files.length) return;
    e.preventDefault();
    s.files.add(e.clipboardData.files, s.note ? undefined : s.can);
  };
  const channel = s.target ? t(`common:channel.${s.target.kind}`) : '';
  const placeholder = s.note
    ? t('placeholder.note')
    : s.target
      ? t('placeholder.reply', { channel })
      : t(s.targets.isPending ? 'placeholder.wait' : 'placeholder.none');
  return (
    <>
      <AttachmentList
        list={s.files.list}
        can={s.note ? undefined : s.can}
        channel={channel}
        onRemove={s.files.remove}
        onRetry={s.files.retry}
      />
      {s.buttons && s.can && (
        <Suspense fallback={null}>
          <ButtonsEditor value={s.buttons} can={s.can.buttons} onChange={s.setButtons} />
        </Suspense>
      )}
      {s.marked.marks.length > 0 && (
        <div className={classes.preview} aria-hidden>
          <MarkedText text={s.marked.text} marks={s.marked.marks} />
        </div>
      )}
      <div className={classes.boxWrap}>
        {suggest.open && (
          <Suggest
            id="suggest"
            label={suggest.label}
            list={suggest.list}
            at={suggest.index}
            onPick={suggest.pick}
            empty={suggest.empty}
          />
        )}
        <textarea
          ref={box}
          id="composer"
          className={classes.box}
          rows={2}
          value={s.text}
          placeholder={placeholder}
          aria-label={placeholder}
          aria-controls={suggest.open ? 'suggest' : undefined}
          aria-activedescendant={suggest.open && suggest.list.length ? `suggest-${suggest.index}` : undefined}
          disabled={!s.note && !s.editing && !s.target && !s.targets.isPending}
          dir="auto"
          onChange={(e) => {
            s.type(e.currentTarget.value);
            setCaret(e.currentTarget.selectionStart);
          }}
          onSelect={(e) => setCaret(e.currentTarget.selectionStart)}
          onKeyDown={keys}
          onPaste={paste}
        />
      </div>
      <Tools
        s={s}
        insert={insert}
        onRecord={onRecord}
        onFiles={() => picker.current?.click()}
        onFormat={(type) => {
          const element = box.current;
          if (!element) return;
          const changed = toggle(s.text, element.selectionStart, element.selectionEnd, type);
          put(changed.text, changed.from, changed.to);
        }}
      />
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        onChange={(e) => {
          if (e.currentTarget.files) s.files.add([...e.currentTarget.files], s.note ? undefined : s.can);
          e.currentTarget.value = '';
        }}
      />
    </>
  );
}

/** R answers, N notes, from anywhere; a reply or an edit takes the caret by itself. */
function useComposerFocus(
  box: React.RefObject<HTMLTextAreaElement | null>,
  setNote: (note: boolean) => void,
  conversation: string,
  aimed: boolean,
): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: a newly opened conversation is for answering
  useEffect(() => {
    if (window.matchMedia('(pointer: fine)').matches) box.current?.focus({ preventScroll: true });
  }, [conversation]);
  useEffect(() => {
    if (aimed) box.current?.focus();
  }, [aimed, box]);
  useEffect(() => {
    const onKey = (e: globalThis.KeyboardEvent) => {
      if (e.ctrlKey || e.metaKey || e.altKey || e.shiftKey || e.defaultPrevented || typingIn(e.target))
        return;
      const key = letter(e);
      if (key !== 'r' && key !== 'n') return;
      e.preventDefault();
      setNote(key === 'n');
      box.current?.focus();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [box, setNote]);
}

interface ToolsProps {
  s: ComposerState;
  insert: (what: string) => void;
  onRecord: () => void;
  onFiles: () => void;
  onFormat: (type: 'bold' | 'italic' | 'strike' | 'code' | 'link' | 'quote') => void;
}

function Tools({ s, insert, onRecord, onFiles, onFormat }: ToolsProps) {
  const { t } = useTranslation('composer');
  const [emoji, setEmoji] = useState(false);
  const [schedule, setSchedule] = useState(false);
  const can = s.can;
  const plain = !s.note && !s.editing;
  const byEnter = s.me.settings.send_by === 'enter';
  const tool = (label: string, icon: React.ReactNode, onClick: () => void, on?: boolean) => (
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
