import { useQuery } from '@tanstack/react-query';
import { type ClipboardEvent, lazy, Suspense, useCallback, useLayoutEffect, useRef, useState } from 'react';
import { contactQuery } from '@/api/contacts';
import { useInboxes } from '@/api/reference';
import type { Conversation } from '@/api/types';
import type { Aim } from '@/features/conversations/ConversationPane';
import { MarkedText } from '@/features/timeline/MarkedText';
import { useTranslation } from '@/i18n/useTranslation';
import { AttachmentList } from './AttachmentList';
import classes from './Composer.module.css';
import { fill } from './fill';
import { toggle } from './markup';
import { Suggest } from './Suggest';
import { Tools } from './Tools';
import { useBoxKeys } from './useBoxKeys';
import type { ComposerState } from './useComposer';
import { useComposerFocus } from './useComposerFocus';
import { useSuggest } from './useSuggest';

const ButtonsEditor = lazy(() => import('./ButtonsEditor').then((m) => ({ default: m.ButtonsEditor })));

interface WritingProps {
  c: Conversation;
  s: ComposerState;
  onAim: (aim?: Aim) => void;
  onRecord: () => void;
}

/** The box with what hangs on it: files, buttons, suggestions, how the text will look. */
export function Writing({ c, s, onAim, onRecord }: WritingProps) {
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
