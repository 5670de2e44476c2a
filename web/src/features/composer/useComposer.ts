import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { api } from '@/api/client';
import { targetsQuery } from '@/api/conversations';
import { errorText } from '@/api/error';
import { keys } from '@/api/keys';
import { send as sendOut } from '@/api/outbox';
import { useChannels, useMe, useUsers } from '@/api/reference';
import { updateItem, type Window } from '@/api/timeline-cache';
import type { Button, Content, Conversation, FileInfo, Item, Target, Template } from '@/api/types';
import type { Aim } from '@/features/conversations/ConversationPane';
import { onGiveBack } from '@/features/timeline/give-back';
import { useTranslation } from '@/i18n/useTranslation';
import { toast, useNow } from '@/ui';
import { obstacle, useAttachments } from './attachments';
import { mentioned } from './fill';
import { parse, unparse } from './markup';
import { choose, templateOnly } from './targets';
import { useDraft } from './useDraft';
import { useDraftFiles } from './useDraftFiles';
import { useTyping } from './useTyping';

/** Everything the composer holds, and sending it. */
export function useComposer(c: Conversation, aim: Aim | undefined, onAim: (aim?: Aim) => void) {
  const client = useQueryClient();
  const { t } = useTranslation('composer');
  const me = useMe();
  const users = useUsers();
  const channels = useChannels();
  const now = useNow();
  const typing = useTyping(c.id);
  const targets = useQuery(targetsQuery(c.id));
  const [text, setText] = useState('');
  const [note, setNote] = useState(false);
  const [wanted, setWanted] = useState<Pick<Target, 'channel_id' | 'chat_id'>>();
  const [buttons, setButtons] = useState<Button[]>();
  const files = useAttachments();
  const { draft, loaded, save } = useDraft(c.id);
  const { missing, bring, forget } = useDraftFiles(files.restore);
  const touched = useRef(false);

  // What was being written is put back once, unless the agent was quicker.
  useEffect(() => {
    if (!loaded || touched.current) return;
    touched.current = true;
    if (!draft) return;
    setText((old) => old || draft.text);
    setNote(draft.note);
    if (draft.channel_id) setWanted({ channel_id: draft.channel_id, chat_id: undefined });
    bring(draft.file_ids);
    const quoted =
      draft.reply_to &&
      client.getQueryData<Window>(keys.items(c.id))?.items.find((i) => i.id === draft.reply_to);
    if (quoted) onAim({ kind: 'reply', item: quoted });
  }, [loaded, draft, bring, client, c.id, onAim]);

  const reply = aim?.kind === 'reply' ? aim.item : undefined;
  const editing = aim?.kind === 'edit' ? aim.item : undefined;
  const target = useMemo(() => {
    // An answer to a message goes the way that message came.
    const quoted = reply?.channel_id ? { channel_id: reply.channel_id, chat_id: reply.chat_id } : undefined;
    return choose(targets.data ?? [], quoted ?? wanted);
  }, [targets.data, wanted, reply]);
  const channelId = editing ? editing.channel_id : target?.channel_id;
  const can = channelId ? channels.byId.get(channelId)?.capabilities : undefined;
  const onlyTemplate = !note && !editing && templateOnly(target, now);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another channel has other limits
  useEffect(() => files.recheck(note ? undefined : can), [can, note]);

  const before = useRef('');
  const editId = editing?.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only the start of an edit fills the box
  useEffect(() => {
    if (!editing) return;
    before.current = text;
    setText(unparse(editing.content.text ?? '', editing.content.marks));
    return () => setText(before.current);
  }, [editId]);

  const fileIds = [...missing, ...files.list.flatMap((a) => a.info?.id ?? [])].join();
  useEffect(() => {
    if (!touched.current || editId) return;
    for (const a of files.list) if (a.info) client.setQueryData(keys.file(a.info.id), a.info);
    save({
      text,
      note,
      channel_id: wanted?.channel_id,
      reply_to: reply?.id,
      file_ids: fileIds ? fileIds.split(',') : [],
    });
  }, [text, note, wanted, reply, fileIds, editId, save, files.list, client]);

  const marked = useMemo(
    () => (note ? { text, marks: [] } : parse(text, can?.marks ?? [])),
    [text, note, can],
  );
  const plain = note ? 20_000 : files.list.length && can?.caption ? can.caption : (can?.text ?? 4096);
  // Some platforms take less text beside buttons.
  const limit =
    !note && buttons?.length && can?.buttons.message ? Math.min(plain, can.buttons.message) : plain;
  const ready = files.list.filter((a) => a.info);
  const blocked = files.list.some((a) => !a.info || (!note && obstacle(a, can)));
  const left = limit - marked.text.trim().length;
  const sendable =
    !blocked &&
    left >= 0 &&
    (marked.text.trim() !== '' || ready.length > 0) &&
    (note || !!editing || (!!target && !onlyTemplate));

  const reset = useCallback(() => {
    setText('');
    setButtons(undefined);
    files.clear();
    forget();
    onAim(undefined);
    save({ text: '', note, channel_id: wanted?.channel_id, file_ids: [] }, true);
  }, [files.clear, forget, onAim, save, note, wanted]);

  const quote = (item: Item | undefined): Item['reply_to'] =>
    item && {
      item_id: item.id,
      author: item.author.name,
      text: item.content.text ?? item.files[0]?.transcript ?? '',
      kind: item.files[0]?.kind,
    };

  const post = (content: Content, list: FileInfo[], sendAt?: string) =>
    sendOut(client, {
      conversation_id: c.id,
      note: false,
      channel_id: target?.channel_id,
      chat_id: target?.chat_id,
      content,
      files: list,
      reply_to: quote(reply),
      send_at: sendAt,
    });

  const saveEdit = async (item: Item, content: Content) => {
    onAim(undefined);
    client.setQueryData<Window>(
      keys.items(c.id),
      (w) => w && updateItem(w, { ...item, content, edited_at: new Date().toISOString() }),
    );
    try {
      const answer = await api.patch<Item>(`/items/${item.id}`, { content });
      client.setQueryData<Window>(keys.items(c.id), (w) => w && updateItem(w, answer));
    } catch (error) {
      client.setQueryData<Window>(
        keys.items(c.id),
        (w) => w && { ...w, items: w.items.map((i) => (i.id === item.id ? item : i)) },
      );
      toast(errorText(t, error), 'error');
    }
  };

  const submit = (sendAt?: string) => {
    if (!sendable) return;
    const words = trimmed(marked);
    if (editing) {
      saveEdit(editing, { ...editing.content, ...words });
      return;
    }
    const list = ready.flatMap((a) => a.info ?? []);
    if (note)
      sendOut(client, {
        conversation_id: c.id,
        note: true,
        content: { text: words.text },
        files: list,
        mentions: mentioned(words.text ?? '', users.all),
      });
    else {
      const rows = buttons?.filter((b) => b.text.trim() && (b.kind !== 'url' || b.url)).map((b) => [b]);
      post({ ...words, buttons: rows?.length ? rows : undefined }, list, sendAt);
    }
    reset();
  };

  const sendVoice = (file: FileInfo) => {
    post({}, [file]);
    onAim(undefined);
  };
  const sendTemplate = (template: Template) => post({ template }, []);

  useEffect(
    () =>
      onGiveBack((out) => {
        if (out.conversation_id !== c.id) return;
        setText((old) =>
          [unparse(out.content.text ?? '', out.content.marks), old].filter(Boolean).join('\n'),
        );
        setNote(out.note);
        if (out.files.length) files.restore(out.files);
      }),
    [c.id, files.restore],
  );

  const type = (value: string) => {
    touched.current = true;
    setText(value);
    if (value && !editing) typing(note ? 'note' : 'typing', target?.channel_id);
  };

  useEffect(() => {
    const onChannel = (e: Event) => {
      const { conversation, ...way } = (
        e as CustomEvent<{ conversation: string; channel_id: string; chat_id?: string }>
      ).detail;
      if (conversation !== c.id) return;
      setNote(false);
      setWanted(way);
      document.getElementById('composer')?.focus();
    };
    window.addEventListener('okno:channel', onChannel);
    return () => window.removeEventListener('okno:channel', onChannel);
  }, [c.id]);

  return {
    me,
    text,
    type,
    note,
    setNote,
    target,
    targets,
    setTarget: setWanted,
    can,
    onlyTemplate,
    files,
    buttons,
    setButtons,
    reply,
    editing,
    marked,
    left,
    limit,
    sendable,
    submit,
    sendVoice,
    sendTemplate,
    recording: () => typing('recording', target?.channel_id),
  };
}

export type ComposerState = ReturnType<typeof useComposer>;

/** Without the space around it; marks move along. */
function trimmed({
  text,
  marks,
}: {
  text: string;
  marks: { type: string; offset: number; length: number; url?: string }[];
}): Content {
  const start = text.length - text.trimStart().length;
  const words = text.trim();
  const kept = marks
    .map((m) => {
      const from = Math.max(0, m.offset - start);
      return { ...m, offset: from, length: Math.min(words.length, m.offset - start + m.length) - from };
    })
    .filter((m) => m.length > 0);
  return { text: words || undefined, marks: kept.length ? (kept as Content['marks']) : undefined };
}
