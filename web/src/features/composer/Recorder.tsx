import { ActionIcon, Button } from '@mantine/core';
import {
  IconMicrophoneOff,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconPlayerStopFilled,
  IconSend2,
  IconTrash,
} from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { errorText } from '@/api/error';
import type { FileInfo } from '@/api/types';
import { uploadVoice } from '@/api/upload';
import { useTranslation } from '@/i18n/useTranslation';
import { duration } from '@/ui';
import { letGo } from './attachments';
import classes from './Composer.module.css';
import { type Recording, useRecording } from './useRecording';

interface Props {
  onSend: (file: FileInfo) => void;
  onClose: () => void;
  onActive: () => void;
}

/** Records, lets one listen, sends. Escape throws it away. */
export function Recorder({ onSend, onClose, onActive }: Props) {
  const { t } = useTranslation(['composer', 'common']);
  const rec = useRecording();
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<unknown>();
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => root.current?.focus(), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: told again with each second
  useEffect(() => {
    if (rec.state === 'recording') onActive();
  }, [Math.floor(rec.seconds / 4), rec.state]);

  const send = async () => {
    setSending(true);
    setError(undefined);
    try {
      const sound = rec.state === 'recording' ? await rec.stop() : rec.result;
      if (!sound) return onClose();
      onSend(await uploadVoice(sound.blob).done);
    } catch (e) {
      setError(e);
      setSending(false);
    }
  };

  if (rec.state === 'denied') {
    return (
      <div className={classes.recorder} role="alert">
        <IconMicrophoneOff size={19} className={classes.badIcon} aria-hidden />
        <span className={classes.grow}>
          {t(rec.reason === 'insecure' ? 'voice.insecure' : 'voice.denied')}
        </span>
        <Button variant="default" onClick={onClose}>
          {t('common:action.close')}
        </Button>
      </div>
    );
  }
  return (
    <div
      className={classes.recorder}
      ref={root}
      tabIndex={-1}
      role="group"
      aria-label={t('voice.record')}
      onKeyDown={(e) => {
        if (e.key === 'Escape') onClose();
        else if (e.key === 'Enter' && e.target === root.current) send();
      }}
    >
      <ActionIcon onClick={onClose} aria-label={t('voice.discard')} title={t('voice.discard')} color="red">
        <IconTrash size={19} />
      </ActionIcon>
      {rec.result ? <Listen recording={rec.result} /> : <Live levels={rec.levels} seconds={rec.seconds} />}
      {error !== undefined && (
        <span className={classes.problem} role="alert">
          {errorText(t, error)}
        </span>
      )}
      {rec.state === 'recording' && (
        <ActionIcon onClick={() => rec.stop()} aria-label={t('voice.stop')} title={t('voice.stop')}>
          <IconPlayerStopFilled size={18} />
        </ActionIcon>
      )}
      <Button
        size="sm"
        onClick={send}
        loading={sending}
        disabled={rec.state === 'asking'}
        leftSection={<IconSend2 size={17} />}
      >
        {t('send')}
      </Button>
    </div>
  );
}

function Live({ levels, seconds }: { levels: number[]; seconds: number }) {
  return (
    <>
      <span className={classes.dot} aria-hidden />
      <span className={classes.recTime} role="timer">
        {duration(seconds)}
      </span>
      <span className={classes.levels} aria-hidden>
        {levels.map((h, i) => (
          <i key={i} style={{ height: `${Math.max(8, Math.round(h * 100))}%` }} />
        ))}
      </span>
    </>
  );
}

function Listen({ recording }: { recording: Recording }) {
  const { t } = useTranslation('composer');
  const audio = useRef<HTMLAudioElement>(null);
  const [playing, setPlaying] = useState(false);
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const u = URL.createObjectURL(recording.blob);
    setUrl(u);
    return () => letGo(u);
  }, [recording]);
  return (
    <>
      <ActionIcon
        variant="light"
        color="accent"
        onClick={() =>
          playing ? audio.current?.pause() : audio.current?.play().catch(() => setPlaying(false))
        }
        aria-label={t(playing ? 'voice.pause' : 'voice.listen')}
      >
        {playing ? <IconPlayerPauseFilled size={16} /> : <IconPlayerPlayFilled size={16} />}
      </ActionIcon>
      <span className={classes.recTime}>{duration(recording.seconds)}</span>
      <span className={classes.levels} aria-hidden>
        {recording.peaks.map((h, i) => (
          <i key={i} style={{ height: `${Math.max(8, Math.round(h * 100))}%` }} />
        ))}
      </span>
      <audio
        ref={audio}
        src={url}
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onEnded={() => setPlaying(false)}
      />
    </>
  );
}
