// Pictures, videos, recordings and files of a message.
import { useEffect, useRef, useState } from 'preact/hooks';
import { duration, size } from '../core/format';
import type { FileRef } from '../core/types';
import { useFrame } from './context';
import { Icon } from './icons';

/** A file that is here or on its way. */
export interface ShownFile extends FileRef {
  /** Upload progress, 0…1, while it is on its way. */
  progress?: number;
}

export function Files({ files, onImage }: { files: ShownFile[]; onImage: (f: ShownFile) => void }) {
  const pictures = files.filter((f) => f.kind === 'image' || f.kind === 'animation' || f.kind === 'sticker');
  const others = files.filter((f) => !pictures.includes(f));
  return (
    <>
      {pictures.length > 0 && (
        <div class={`pics n${Math.min(pictures.length, 4)}`}>
          {pictures.map((f) => (
            <Picture key={f.id} file={f} onOpen={() => onImage(f)} alone={pictures.length === 1} />
          ))}
        </div>
      )}
      {others.map((f) =>
        f.kind === 'voice' || f.kind === 'audio' ? (
          <Voice key={f.id} file={f} />
        ) : f.kind === 'video' && f.url && f.progress === undefined ? (
          <Video key={f.id} file={f} />
        ) : (
          <Document key={f.id} file={f} />
        ),
      )}
    </>
  );
}

function Ring({ part }: { part: number }) {
  const length = 56.5;
  return (
    <svg class="ring" width="24" height="24" viewBox="0 0 24 24" aria-hidden="true">
      <circle cx="12" cy="12" r="9" />
      <circle cx="12" cy="12" r="9" stroke-dasharray={length} stroke-dashoffset={length * (1 - part)} />
    </svg>
  );
}

function Picture({ file, onOpen, alone }: { file: ShownFile; onOpen: () => void; alone: boolean }) {
  const { chat, t } = useFrame();
  const [broken, setBroken] = useState(0);
  const box = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (alone && file.width && file.height) box.current?.style.setProperty('aspect-ratio', `${file.width} / ${file.height}`);
  }, [alone, file.width, file.height]);
  return (
    <button ref={box} type="button" class={file.kind === 'sticker' ? 'pic sticker' : 'pic'} aria-label={`${t('openImage')}: ${file.name}`} onClick={onOpen} disabled={!file.url}>
      {file.url && (
        <img
          src={file.url}
          alt={file.name}
          loading="lazy"
          onError={() => {
            if (broken < 2 && file.progress === undefined) void chat.renew(file).catch(() => {});
            setBroken(broken + 1);
          }}
        />
      )}
      {file.progress !== undefined && <Ring part={file.progress} />}
    </button>
  );
}

function Video({ file }: { file: ShownFile }) {
  // biome-ignore lint/a11y/useMediaCaption: people's own videos have none
  return <video class="video" src={file.url} controls preload="metadata" playsInline aria-label={file.name} />;
}

function Document({ file }: { file: ShownFile }) {
  const { t } = useFrame();
  const inner = (
    <>
      <span class="doc-ic">{file.progress === undefined ? <Icon name="file" /> : <Ring part={file.progress} />}</span>
      <span class="doc-text">
        <span class="doc-name">{file.name}</span>
        <span class="meta">{size(file.size, t)}</span>
      </span>
    </>
  );
  if (!file.url || file.progress !== undefined) return <div class="doc">{inner}</div>;
  return (
    <a class="doc" href={`${file.url}&download=1`} download={file.name}>
      <span class="sr">{t('download')}: </span>
      {inner}
    </a>
  );
}

const bars = 36;
const flat = Array.from({ length: bars }, (_, i) => 40 + 30 * Math.abs(Math.sin(i * 1.7)));

/** Squeezes peaks into as many bars as are drawn. */
function squeeze(peaks: number[]): number[] {
  return Array.from({ length: bars }, (_, i) => {
    const from = Math.floor((i * peaks.length) / bars);
    const to = Math.max(from + 1, Math.floor(((i + 1) * peaks.length) / bars));
    return Math.max(...peaks.slice(from, to));
  });
}

function Voice({ file }: { file: ShownFile }) {
  const { t } = useFrame();
  const audio = useRef<HTMLAudioElement>(null);
  const [playing, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [length, setLength] = useState(file.duration ?? 0);
  const heights = file.peaks?.length ? squeeze(file.peaks) : flat;
  const part = length ? at / length : 0;
  const toggle = () => {
    const a = audio.current;
    if (!a) return;
    if (a.paused) {
      for (const other of document.querySelectorAll('audio')) if (other !== a) other.pause();
      void a.play().catch(() => setPlaying(false));
    } else a.pause();
  };
  const seek = (to: number) => {
    if (audio.current && length) audio.current.currentTime = Math.max(0, Math.min(length, to));
  };
  return (
    <div class="voice">
      {/* biome-ignore lint/a11y/useMediaCaption: recordings have none */}
      <audio
        ref={audio}
        src={file.url}
        preload="none"
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onEnded={() => setAt(0)}
        onTimeUpdate={(e) => setAt(e.currentTarget.currentTime)}
        onLoadedMetadata={(e) => {
          const d = e.currentTarget.duration;
          if (Number.isFinite(d)) setLength(d); // recordings of browsers do not know their length
        }}
      />
      <button type="button" class="round play" aria-label={t(playing ? 'pause' : 'play')} onClick={toggle} disabled={!file.url}>
        {file.progress === undefined ? <Icon name={playing ? 'pause' : 'play'} size={18} /> : <Ring part={file.progress} />}
      </button>
      <div
        class="wave"
        role="slider"
        tabIndex={0}
        aria-label={file.kind === 'voice' ? t('voice') : file.name}
        aria-valuemin={0}
        aria-valuemax={Math.round(length)}
        aria-valuenow={Math.round(at)}
        aria-valuetext={duration(at)}
        onKeyDown={(e) => {
          if (e.key === 'ArrowLeft') seek(at - 5);
          else if (e.key === 'ArrowRight') seek(at + 5);
          else return;
          e.preventDefault();
        }}
        onClick={(e) => {
          const box = e.currentTarget.getBoundingClientRect();
          seek(((e.clientX - box.left) / box.width) * length);
        }}
      >
        <svg viewBox={`0 0 ${bars * 4} 28`} preserveAspectRatio="none" aria-hidden="true">
          {heights.map((h, i) => {
            const tall = 3 + (h / 255) * 23;
            // biome-ignore lint/suspicious/noArrayIndexKey: bars have no other identity
            return <rect key={i} class={(i + 0.5) / bars <= part ? 'on' : ''} x={i * 4} y={14 - tall / 2} width="2.4" height={tall} rx="1.2" />;
          })}
        </svg>
      </div>
      <span class="meta time">{duration(playing || at ? at : length)}</span>
    </div>
  );
}

export function Lightbox({ file, onClose }: { file: ShownFile; onClose: () => void }) {
  const { t } = useFrame();
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => close.current?.focus(), []);
  return (
    <div
      class="lightbox"
      role="dialog"
      aria-modal="true"
      aria-label={file.name}
      onClick={onClose}
      onKeyDown={(e) => {
        if (e.key === 'Escape') {
          e.stopPropagation();
          onClose();
        }
      }}
    >
      <div class="lightbox-bar">
        <a class="round" href={`${file.url}&download=1`} download={file.name} aria-label={t('download')} onClick={(e) => e.stopPropagation()}>
          <Icon name="link" />
        </a>
        <button ref={close} type="button" class="round" aria-label={t('cancel')} onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      <img src={file.url} alt={file.name} />
    </div>
  );
}
