import { IconPhoneIncoming, IconPhoneOutgoing, IconRecordMail } from '@tabler/icons-react';
import type { Item } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { clock, duration } from '@/ui';
import classes from './Item.module.css';
import { Voice } from './Voice';

/** The place of a call or a voicemail: which way, when, its recording if there is one. */
export function CallCard({ item }: { item: Item }) {
  const { t, i18n } = useTranslation('timeline');
  const Icon =
    item.kind === 'voicemail'
      ? IconRecordMail
      : item.direction === 'out'
        ? IconPhoneOutgoing
        : IconPhoneIncoming;
  const sound = item.files.find((f) => f.state === 'ready' && (f.kind === 'voice' || f.kind === 'audio'));
  const kind = item.kind === 'voicemail' ? 'voicemail' : item.direction === 'out' ? 'call_out' : 'call_in';
  return (
    <div className={classes.call}>
      <div className={classes.callHead}>
        <Icon size={18} aria-hidden />
        <b>{t(kind)}</b>
        <span>
          {item.author.name}
          {sound?.duration !== undefined && ` · ${duration(sound.duration)}`}
        </span>
        <time dateTime={item.at}>{clock(item.at, i18n.language)}</time>
      </div>
      {sound && <Voice file={sound} />}
    </div>
  );
}
