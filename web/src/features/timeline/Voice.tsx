import { IconPlayerPauseFilled, IconPlayerPlayFilled } from '@tabler/icons-react';
import { type KeyboardEvent, memo, type PointerEvent, useMemo } from 'react';
import type { FileInfo } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { duration } from '@/ui';
import { bars, player, usePlaying } from './player';
import classes from './Voice.module.css';

const count = 56;

/** A voice message or any sound: waveform to seek in, speed, transcript. */
export const Voice = memo(function Voice({ file }: { file: FileInfo }) {
  const { t } = useTranslation('timeline');
  const playing = usePlaying(file.id);
  const wave = useMemo(() => bars(file.peaks, count), [file.peaks]);
  const url = file.url ?? '';
  const length = playing.duration || file.duration || 0;
  const share = length ? playing.time / length : 0;
  const active = playing.id === file.id;
  const seek = (e: PointerEvent<HTMLDivElement>) => {
    if (!(e.buttons & 1)) return;
    const box = e.currentTarget.getBoundingClientRect();
    player.seek(file.id, url, Math.max(0, Math.min(1, (e.clientX - box.left) / box.width)), file.duration);
  };
  const key = (e: KeyboardEvent) => {
    const step = e.key === 'ArrowRight' ? 5 : e.key === 'ArrowLeft' ? -5 : 0;
    if (!step || !length) return;
    e.preventDefault();
    e.stopPropagation();
    player.seek(file.id, url, Math.max(0, playing.time + step) / length, file.duration);
  };
  return (
    <div className={classes.voice}>
      <div className={classes.line}>
        <button
          type="button"
          className={classes.play}
          onClick={() => player.toggle(file.id, url, file.duration)}
          aria-label={t(active && !playing.paused ? 'voice.pause' : 'voice.play')}
        >
          {active && !playing.paused ? (
            <IconPlayerPauseFilled size={16} aria-hidden />
          ) : (
            <IconPlayerPlayFilled size={16} aria-hidden />
          )}
        </button>
        <div
          className={classes.wave}
          role="slider"
          tabIndex={0}
          aria-label={t('voice.position')}
          aria-valuemin={0}
          aria-valuemax={Math.round(length)}
          aria-valuenow={Math.round(playing.time)}
          aria-valuetext={duration(playing.time)}
          onPointerDown={seek}
          onPointerMove={seek}
          onKeyDown={key}
        >
          {wave.map((h, i) => (
            <i
              key={i}
              data-on={i / count < share || undefined}
              style={{ height: `${Math.round(h * 100)}%` }}
            />
          ))}
        </div>
        <span className={classes.time}>
          {active && playing.time > 0 ? duration(playing.time) : duration(length)}
        </span>
        {active && (
          <button
            type="button"
            className={classes.rate}
            onClick={player.faster}
            aria-label={t('voice.speed', { rate: playing.rate })}
          >
            {playing.rate}×
          </button>
        )}
      </div>
      {playing.failed === file.id && <div className={classes.failed}>{t('voice.failed')}</div>}
      {file.transcript && <div className={classes.transcript}>{file.transcript}</div>}
    </div>
  );
});
