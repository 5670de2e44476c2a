// Where the visitor writes.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { duration, size } from '../core/format';
import type { PickedFile } from './chat';
import { useFrame } from './context';
import { Icon } from './icons';
import { quoteText } from './message';
import { canRecord, Recorder } from './recorder';

const emoji = [...'😀😄😂🙂😉😊😍😘😎🤔😐🙄😴😢😭😡🤯🤝👍👎👌✌🙏👏💪👋🔥⭐🎉🎁❤💔💯✅❌❗❓☕🍰🍕🚚📦💳💰🧾📞📷📍⏰'];
const maxFiles = 10;
const longestRecording = 600; // s

export function Composer() {
  const { chat, t } = useFrame();
  const [text, setText] = useState(chat.draft);
  const [emojiOpen, openEmoji] = useState(false);
  const [note, setNote] = useState('');
  const area = useRef<HTMLTextAreaElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const recorder = useRef<Recorder | undefined>(undefined);
  const [recording, setRecording] = useState<{ seconds: number; levels: number[] }>();
  const over = text.length - chat.config.max_text;

  const grow = () => {
    const a = area.current;
    if (!a) return;
    a.style.height = 'auto';
    a.style.height = `${Math.min(a.scrollHeight, 132)}px`;
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text makes it grow
  useLayoutEffect(grow, [text, recording === undefined]);
  useEffect(() => {
    if (chat.replyTo) area.current?.focus();
  }, [chat.replyTo]);
  useEffect(() => () => recorder.current?.cancel(), []);

  const change = (value: string) => {
    setText(value);
    setNote('');
    chat.draft = value;
    if (value) chat.typing();
  };
  const send = () => {
    if ((!text.trim() && !chat.picked.length) || over > 0) return;
    void chat.send(text);
    setText('');
    openEmoji(false);
    area.current?.focus();
  };
  const pick = (list: Iterable<File>) => {
    const files = [...list].map((f): PickedFile => ({ blob: f, name: f.name || 'image.png' }));
    const refused = chat.pick(files);
    if (refused.length) setNote(t('tooBig', { limit: size(chat.config.max_file, t) }));
    else if (files.length > maxFiles) setNote(t('tooMany', { limit: maxFiles }));
  };
  useDrop(chat.config.files ? pick : undefined);
  const insert = (e: string) => {
    const a = area.current;
    const at = a?.selectionStart ?? text.length;
    change(text.slice(0, at) + e + text.slice(a?.selectionEnd ?? at));
    a?.focus();
    requestAnimationFrame(() => a?.setSelectionRange(at + e.length, at + e.length));
  };
  const record = async () => {
    setNote('');
    try {
      recorder.current = await Recorder.start((seconds, level) => {
        setRecording((r) => r && { seconds, levels: [...r.levels.slice(-39), level] });
        if (seconds > longestRecording) void stop(true);
      });
      setRecording({ seconds: 0, levels: [] });
    } catch {
      setNote(t('micDenied'));
    }
  };
  const stop = async (keep: boolean) => {
    const r = recorder.current;
    recorder.current = undefined;
    setRecording(undefined);
    if (!r) return;
    if (!keep) {
      r.cancel();
      return;
    }
    const done = await r.finish();
    await chat.sendVoice({ ...done, kind: 'voice' });
  };

  if (recording) {
    return (
      <div class="composer recording">
        <button type="button" class="round" aria-label={t('cancel')} onClick={() => void stop(false)}><Icon name="trash" /></button>
        <span class="rec-dot" aria-hidden="true" />
        <span class="rec-time" role="timer" aria-label={t('recordingNow')}>{duration(recording.seconds)}</span>
        <svg class="rec-wave" viewBox="0 0 160 28" preserveAspectRatio="xMaxYMid meet" aria-hidden="true">
          {recording.levels.map((l, i) => {
            const tall = 3 + l * 23;
            return <rect key={i} x={(40 - recording.levels.length + i) * 4} y={14 - tall / 2} width="2.4" height={tall} rx="1.2" />;
          })}
        </svg>
        <button type="button" class="round primary" aria-label={t('send')} onClick={() => void stop(true)}><Icon name="send" /></button>
      </div>
    );
  }
  return (
    <div class="composer-box">
      {chat.replyTo && (
        <div class="replying">
          <Icon name="reply" size={16} />
          <span class="replying-text"><b>{chat.replyTo.own ? chat.replyTo.author || t('agent') : t('you')}</b>{' '}
            {quoteText({ id: '', text: chat.replyTo.text, kind: chat.replyTo.files?.[0]?.kind }, t)}</span>
          <button type="button" class="round small" aria-label={t('cancel')} onClick={() => chat.reply(undefined)}><Icon name="close" size={16} /></button>
        </div>
      )}
      {chat.picked.length > 0 && <Picked />}
      {(note || over > 0) && <p class="note" role="alert">{over > 0 ? t('tooLong', { n: over }) : note}</p>}
      {emojiOpen && (
        <div class="emoji" role="group" aria-label={t('emoji')} onKeyDown={(e) => {
          if (e.key !== 'Escape') return;
          e.stopPropagation();
          openEmoji(false);
          area.current?.focus();
        }}>
          {emoji.map((e) => <button type="button" key={e} onClick={() => insert(e)}>{e}</button>)}
        </div>
      )}
      <form class="composer" onSubmit={(e) => { e.preventDefault(); send(); }}>
        {chat.config.files && (
          <>
            <input ref={input} type="file" multiple hidden tabIndex={-1} aria-hidden="true" onChange={(e) => {
              pick(e.currentTarget.files ?? []);
              e.currentTarget.value = '';
              area.current?.focus();
            }} />
            <button type="button" class="round" aria-label={t('attach')} title={t('attach')} onClick={() => input.current?.click()}><Icon name="clip" /></button>
          </>
        )}
        <textarea ref={area} id="composer" rows={1} value={text} placeholder={t('write')} aria-label={t('message')} dir="auto" enterkeyhint="send"
          onInput={(e) => change(e.currentTarget.value)}
          onPaste={(e) => {
            const files = e.clipboardData?.files;
            if (!files?.length || !chat.config.files) return;
            e.preventDefault();
            pick(files);
          }}
          onKeyDown={(e) => {
            if (e.key === 'Enter' && !e.shiftKey && !e.isComposing) {
              e.preventDefault();
              send();
            }
          }} />
        <button type="button" class="round" aria-label={t('emoji')} title={t('emoji')} aria-expanded={emojiOpen} onClick={() => openEmoji(!emojiOpen)}><Icon name="smile" /></button>
        {text.trim() || chat.picked.length || !chat.config.voice || !canRecord() ? (
          <button type="submit" class="round primary" aria-label={t('send')} title={t('send')} disabled={(!text.trim() && !chat.picked.length) || over > 0}><Icon name="send" /></button>
        ) : (
          <button type="button" class="round" aria-label={t('record')} title={t('record')} onClick={() => void record()}><Icon name="mic" /></button>
        )}
      </form>
    </div>
  );
}

function Picked() {
  const { chat, t } = useFrame();
  const [urls] = useState(() => new Map<Blob, string>());
  // A little later: the page may still be reading the pictures.
  useEffect(() => () => void setTimeout(() => urls.forEach((u) => URL.revokeObjectURL(u)), 10_000), [urls]);
  return (
    <ul class="picked">
      {chat.picked.map((f) => {
        if (f.blob.type.startsWith('image/') && !urls.has(f.blob)) urls.set(f.blob, URL.createObjectURL(f.blob));
        return (
          <li key={f.name + f.blob.size}>
            {urls.has(f.blob) ? <img src={urls.get(f.blob)} alt="" /> : <Icon name="file" />}
            <span class="doc-text"><span class="doc-name">{f.name}</span><span class="meta">{size(f.blob.size, t)}</span></span>
            <button type="button" class="round small" aria-label={`${t('remove')}: ${f.name}`} onClick={() => {
              chat.picked = chat.picked.filter((p) => p !== f);
              chat.changed();
            }}><Icon name="close" size={16} /></button>
          </li>
        );
      })}
    </ul>
  );
}

/** Takes files that are dropped anywhere on the widget. */
function useDrop(take: ((files: Iterable<File>) => void) | undefined): void {
  const latest = useRef(take);
  latest.current = take;
  useEffect(() => {
    const over = (e: DragEvent) => {
      if (!latest.current || !e.dataTransfer?.types.includes('Files')) return;
      e.preventDefault();
      document.body.classList.add('dropping');
    };
    const end = () => document.body.classList.remove('dropping');
    const drop = (e: DragEvent) => {
      end();
      if (!latest.current || !e.dataTransfer?.files.length) return;
      e.preventDefault();
      latest.current(e.dataTransfer.files);
    };
    addEventListener('dragover', over);
    addEventListener('dragleave', end);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('dragleave', end);
      removeEventListener('drop', drop);
    };
  }, []);
}
