import {
  IconAlertTriangle,
  IconDownload,
  IconFile,
  IconPlayerPlayFilled,
  IconRefresh,
} from '@tabler/icons-react';
import type { FileInfo, Item } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { duration, FileSize } from '@/ui';
import { useTimelineActions } from './context';
import classes from './Files.module.css';
import { Voice } from './Voice';

const isPicture = (f: FileInfo) => f.kind === 'image' || f.kind === 'video' || f.kind === 'animation';

/** An item's files: pictures and videos as one album, the rest below each other. */
export function Files({ item }: { item: Item }) {
  const seen = item.files.filter((f) => isPicture(f) && f.state === 'ready');
  const rest = item.files.filter((f) => !seen.includes(f));
  return (
    <>
      {seen.length > 0 && <Album files={seen} />}
      {rest.map((f) => (
        <OneFile key={f.id} file={f} item={item} />
      ))}
    </>
  );
}

function Album({ files }: { files: FileInfo[] }) {
  const one = files.length === 1 ? files[0] : undefined;
  // The place is kept before the picture is there, so that nothing jumps.
  const ratio = one?.width && one.height ? Math.min(2.4, Math.max(0.6, one.width / one.height)) : 1.4;
  const width = one ? Math.min(380, Math.max(160, Math.min(one.width ?? 380, 340 * ratio))) : undefined;
  return (
    <div
      className={classes.album}
      data-count={Math.min(files.length, 4)}
      style={one ? { width, aspectRatio: String(ratio) } : undefined}
    >
      {files.map((f) => (
        <Picture key={f.id} file={f} />
      ))}
    </div>
  );
}

function Picture({ file }: { file: FileInfo }) {
  const { t } = useTranslation(['timeline', 'common']);
  const { show } = useTimelineActions();
  const moving = file.kind === 'video';
  if (file.kind === 'animation' && file.mime.startsWith('video/')) {
    return (
      <video
        className={classes.media}
        src={file.url}
        autoPlay
        loop
        muted
        playsInline
        aria-label={t('common:files.animation')}
      />
    );
  }
  return (
    <button
      type="button"
      className={classes.picture}
      onClick={() => show(file)}
      aria-label={t(moving ? 'file.play' : 'file.open', {
        name: file.name || t(`common:files.${file.kind}`),
      })}
    >
      <img src={file.thumb_url ?? (moving ? undefined : file.url)} alt="" loading="lazy" decoding="async" />
      {moving && (
        <span className={classes.over}>
          <IconPlayerPlayFilled size={20} aria-hidden />
          {file.duration !== undefined && <small>{duration(file.duration)}</small>}
        </span>
      )}
    </button>
  );
}

function OneFile({ file, item }: { file: FileInfo; item: Item }) {
  const { t } = useTranslation('timeline');
  if (file.state !== 'ready') return <Absent file={file} item={item} />;
  if (file.kind === 'voice' || file.kind === 'audio') {
    return (
      <>
        {file.kind === 'audio' && file.name && <div className={classes.caption}>{file.name}</div>}
        <Voice file={file} />
      </>
    );
  }
  if (file.kind === 'sticker') {
    if (file.mime.startsWith('video/'))
      return (
        <video
          className={classes.sticker}
          src={file.url}
          autoPlay
          loop
          muted
          playsInline
          aria-label={file.emoji}
        />
      );
    if (file.mime.startsWith('image/'))
      return (
        <img
          className={classes.sticker}
          src={file.url}
          alt={file.emoji ?? t('file.sticker')}
          loading="lazy"
        />
      );
  }
  return (
    <a className={classes.document} href={file.download_url ?? file.url} download={file.name}>
      <span className={classes.icon}>
        <IconFile size={20} stroke={1.6} aria-hidden />
      </span>
      <span className={classes.names}>
        <b>{file.name}</b>
        <small>
          <FileSize bytes={file.size} />
          {extension(file.name) && ` · ${extension(file.name)}`}
        </small>
      </span>
      <IconDownload size={17} className={classes.down} aria-hidden />
    </a>
  );
}

const extension = (name: string) => /\.([\p{L}\d]{1,5})$/u.exec(name)?.[1]?.toUpperCase();

/** A file on its way, or one that could not be had, why, and a way to ask again. */
function Absent({ file, item }: { file: FileInfo; item: Item }) {
  const { t } = useTranslation(['timeline', 'reasons']);
  const { refetch } = useTimelineActions();
  const pending = file.state === 'pending';
  return (
    <div className={classes.absent}>
      {pending ? (
        <IconRefresh size={18} className={classes.turn} aria-hidden />
      ) : (
        <IconAlertTriangle size={18} aria-hidden />
      )}
      <span className={classes.names}>
        <b>{file.name || t(`common:files.${file.kind}`)}</b>
        <small>{pending ? t('file.pending') : t([`reasons:${file.reason}`, 'file.failed'])}</small>
      </span>
      {!pending && (
        <button type="button" onClick={() => refetch(item, file)}>
          {t('file.refetch')}
        </button>
      )}
    </div>
  );
}
