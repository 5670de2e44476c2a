import {
  IconFile,
  IconGif,
  IconMicrophone,
  IconMusic,
  IconNote,
  IconPaperclip,
  IconPhoneX,
  IconPhoto,
  IconSticker2,
  IconVideo,
  type TablerIcon,
} from '@tabler/icons-react';
import { memo } from 'react';
import { useContactTyping } from '@/api/live/signals';
import { useMe, useUsers } from '@/api/reference';
import type { AttachmentKind, Conversation, Preview } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { duration } from '@/ui';
import classes from './Row.module.css';

const icons: Record<AttachmentKind, TablerIcon> = {
  image: IconPhoto,
  video: IconVideo,
  audio: IconMusic,
  voice: IconMicrophone,
  document: IconFile,
  sticker: IconSticker2,
  animation: IconGif,
};

/** The last thing in words: a voice message by its transcript, a missed call by how long they waited. */
export const PreviewLine = memo(function PreviewLine({ conversation: c }: { conversation: Conversation }) {
  const { t } = useTranslation(['conversations', 'common']);
  const typing = useContactTyping(c.id);
  const me = useMe();
  const users = useUsers();
  const p = c.preview;
  if (typing) return <span className={classes.typing}>{t('row.typing')}</span>;
  if (c.has_draft) {
    return (
      <>
        <span className={classes.draft}>{t('row.draft')}</span>
        {c.draft_text ? (
          <span className={classes.text}>{c.draft_text}</span>
        ) : (
          <IconPaperclip size={14} className={classes.kind} aria-hidden />
        )}
      </>
    );
  }
  if (p.kind === 'call') {
    const missed = p.state === 'failed' || (p.direction === 'in' && !p.author_id);
    return (
      <span className={missed ? classes.missed : classes.text}>
        {missed && <IconPhoneX size={14} aria-hidden />}
        <span className={classes.text}>
          {t(missed ? 'row.missed' : 'row.call', { time: duration(p.duration ?? 0) })}
        </span>
      </span>
    );
  }
  const by = p.author_id
    ? p.author_id === me.user.id
      ? t('row.you')
      : users.byId.get(p.author_id)?.name.split(' ')[0]
    : undefined;
  const Icon = p.kind === 'note' ? IconNote : p.attachment ? icons[p.attachment] : undefined;
  return (
    <>
      {p.direction !== 'in' && by && p.kind !== 'event' && (
        <span className={classes.by}>{t('row.by', { name: by })}</span>
      )}
      {Icon && (
        <Icon size={14} className={classes.kind} data-note={p.kind === 'note' || undefined} aria-hidden />
      )}
      <span className={classes.text}>
        {p.attachment === 'voice' && p.duration !== undefined && `${duration(p.duration)} `}
        {words(p, (k) => t(k))}
      </span>
    </>
  );
});

function words({ kind, attachment, text }: Preview, t: (key: string) => string): string {
  if (attachment === 'voice') return text ? `«${text}»` : t('common:files.voice');
  if (text) return text;
  if (attachment) return t(`common:files.${attachment}`);
  return kind === 'none' || kind === 'event' ? '' : t(`row.wordless.${kind}`);
}
