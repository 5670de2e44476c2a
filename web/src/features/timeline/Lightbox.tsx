import { ActionIcon } from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconDownload, IconX } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import type { FileInfo, Item } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { dateTime } from '@/ui';
import classes from './Lightbox.module.css';

interface Props {
  file: FileInfo;
  items: Item[];
  onClose: () => void;
}

/** Pictures and videos of the conversation, whole and one after another. */
export function Lightbox({ file, items, onClose }: Props) {
  const { t, i18n } = useTranslation(['timeline', 'common']);
  const all = items.flatMap((item) =>
    item.deleted_at
      ? []
      : item.files
          .filter((f) => f.state === 'ready' && /^(image|video|animation)$/.test(f.kind))
          .map((f) => ({ f, item })),
  );
  const [id, setId] = useState(file.id);
  const at = all.findIndex((x) => x.f.id === id);
  const current = all[at] ?? { f: file, item: undefined };
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const go = (step: number) => {
    const next = all[at + step];
    if (next) setId(next.f.id);
  };
  const name = current.f.name || t(`common:files.${current.f.kind}`);
  return createPortal(
    <dialog
      ref={dialog}
      className={classes.box}
      aria-label={name}
      onClose={onClose}
      onKeyDown={(e) => {
        if (e.key === 'ArrowLeft') go(-1);
        else if (e.key === 'ArrowRight') go(1);
        e.stopPropagation();
      }}
    >
      <div className={classes.bar}>
        <span>
          {name}
          {current.item && ` · ${current.item.author.name} · ${dateTime(current.item.at, i18n.language)}`}
          {all.length > 1 && ` · ${at + 1}/${all.length}`}
        </span>
        <ActionIcon
          component="a"
          href={current.f.download_url ?? current.f.url}
          download={current.f.name}
          variant="transparent"
          c="white"
          aria-label={t('common:action.download')}
        >
          <IconDownload size={20} />
        </ActionIcon>
        <ActionIcon variant="transparent" c="white" onClick={onClose} aria-label={t('common:action.close')}>
          <IconX size={22} />
        </ActionIcon>
      </div>
      <button
        type="button"
        className={classes.stage}
        onClick={onClose}
        tabIndex={-1}
        aria-label={t('common:action.close')}
      />
      <div className={classes.picture}>
        {current.f.kind === 'image' ||
        (current.f.kind === 'animation' && !current.f.mime.startsWith('video/')) ? (
          <img key={current.f.id} src={current.f.url} alt={name} />
        ) : (
          <video
            key={current.f.id}
            src={current.f.url}
            poster={current.f.thumb_url}
            controls
            autoPlay
            playsInline
            loop={current.f.kind === 'animation'}
          />
        )}
      </div>
      {at > 0 && (
        <button type="button" className={classes.prev} onClick={() => go(-1)} aria-label={t('lightbox.prev')}>
          <IconChevronLeft size={26} aria-hidden />
        </button>
      )}
      {at >= 0 && at < all.length - 1 && (
        <button type="button" className={classes.next} onClick={() => go(1)} aria-label={t('lightbox.next')}>
          <IconChevronRight size={26} aria-hidden />
        </button>
      )}
    </dialog>,
    document.body,
  );
}
