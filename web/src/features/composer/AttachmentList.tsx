import {
  IconAlertTriangle,
  IconFile,
  IconMicrophone,
  IconMusic,
  IconRefresh,
  IconVideo,
  IconX,
} from '@tabler/icons-react';
import { errorText } from '@/api/error';
import type { Capabilities } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { fileSize } from '@/ui';
import { type Attachment, obstacle } from './attachments';
import classes from './Composer.module.css';

interface Props {
  list: Attachment[];
  can?: Capabilities;
  channel: string;
  onRemove: (key: string) => void;
  onRetry: (key: string) => void;
}

const icons = { video: IconVideo, audio: IconMusic, voice: IconMicrophone } as const;

export function AttachmentList({ list, can, channel, onRemove, onRetry }: Props) {
  const { t, i18n } = useTranslation(['composer', 'common']);
  if (!list.length) return null;
  return (
    <ul className={classes.files} aria-label={t('files.label')}>
      {list.map((a) => {
        const stop = obstacle(a, can);
        const Icon = icons[a.kind as keyof typeof icons] ?? IconFile;
        const problem = stop
          ? t(`files.${stop.code}`, {
              channel,
              max: stop.code === 'size' ? fileSize(stop.max, t, i18n.language) : '',
            })
          : a.error && a.error.kind !== 'aborted'
            ? errorText(t, a.error)
            : undefined;
        return (
          <li key={a.key} className={classes.file} data-bad={problem ? true : undefined}>
            {a.preview ? (
              <img src={a.preview} alt="" />
            ) : problem ? (
              <IconAlertTriangle size={18} aria-hidden />
            ) : (
              <Icon size={18} stroke={1.6} aria-hidden />
            )}
            <span className={classes.fileText}>
              <b title={a.name}>{a.name}</b>
              <small role={problem ? 'alert' : undefined}>
                {problem ?? fileSize(a.size, t, i18n.language)}
              </small>
            </span>
            {a.error && !stop && (
              <button
                type="button"
                onClick={() => onRetry(a.key)}
                aria-label={t('common:action.retry')}
                title={t('common:action.retry')}
              >
                <IconRefresh size={15} aria-hidden />
              </button>
            )}
            <button
              type="button"
              onClick={() => onRemove(a.key)}
              aria-label={t('files.remove', { name: a.name })}
            >
              <IconX size={15} aria-hidden />
            </button>
            {!a.info && !problem && <progress max={1} value={a.progress} aria-label={t('files.progress')} />}
          </li>
        );
      })}
    </ul>
  );
}
