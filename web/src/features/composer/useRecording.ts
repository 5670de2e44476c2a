import { useCallback, useEffect, useRef, useState } from 'react';

export interface Recording {
  blob: Blob;
  seconds: number;
  /** 0..1, sixty of them. */
  peaks: number[];
}

type State = 'asking' | 'recording' | 'done' | 'denied';

const types = ['audio/ogg;codecs=opus', 'audio/webm;codecs=opus', 'audio/mp4'];
const shownBars = 60;

/** Thins levels to as many as are shown, the loudest of each share. */
export function thin(levels: number[], count = shownBars): number[] {
  if (levels.length <= count) return levels;
  return Array.from({ length: count }, (_, i) =>
    Math.max(
      ...levels.slice(
        Math.floor((i * levels.length) / count),
        Math.max(Math.floor(((i + 1) * levels.length) / count), 1),
      ),
    ),
  );
}

/** The microphone from the first moment on, with levels to draw. Everything is released at the end. */
export function useRecording() {
  const [state, setState] = useState<State>('asking');
  const [reason, setReason] = useState<'denied' | 'insecure'>();
  const [levels, setLevels] = useState<number[]>([]);
  const [seconds, setSeconds] = useState(0);
  const [result, setResult] = useState<Recording>();
  const machine = useRef<{ recorder: MediaRecorder; stop: () => Promise<Recording> }>(undefined);

  useEffect(() => {
    let gone = false;
    let release = () => {};
    const begin = async () => {
      if (!navigator.mediaDevices || typeof MediaRecorder === 'undefined') {
        setReason('insecure');
        setState('denied');
        return;
      }
      let stream: MediaStream;
      try {
        stream = await navigator.mediaDevices.getUserMedia({
          audio: { echoCancellation: true, noiseSuppression: true, channelCount: 1 },
        });
      } catch {
        if (!gone) setState('denied');
        return;
      }
      const stopTracks = () => {
        for (const track of stream.getTracks()) track.stop();
      };
      if (gone) return stopTracks();
      const { stop, close, recorder } = capture(stream, (all, s) => {
        setLevels(all.slice(-shownBars));
        setSeconds(s);
      });
      machine.current = { recorder, stop };
      release = () => {
        close();
        if (recorder.state !== 'inactive') recorder.stop();
        stopTracks();
      };
      setState('recording');
    };
    begin();
    return () => {
      gone = true;
      release();
    };
  }, []);

  const stop = useCallback(async () => {
    const recording = await machine.current?.stop();
    if (recording) {
      setResult(recording);
      setState('done');
    }
    return recording;
  }, []);
  return { state, reason, levels, seconds, result, stop };
}

function capture(stream: MediaStream, onLevel: (levels: number[], seconds: number) => void) {
  const mimeType = types.find((t) => MediaRecorder.isTypeSupported(t));
  const recorder = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: 32_000 });
  const parts: Blob[] = [];
  recorder.ondataavailable = (e) => e.data.size && parts.push(e.data);
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Uint8Array(analyser.fftSize);
  const levels: number[] = [];
  const started = Date.now();
  const timer = setInterval(() => {
    analyser.getByteTimeDomainData(samples);
    let peak = 0;
    for (const s of samples) peak = Math.max(peak, Math.abs(s - 128));
    levels.push(Math.min(1, peak / 90));
    onLevel(levels, (Date.now() - started) / 1000);
  }, 80);
  recorder.start(1000);
  const close = () => {
    clearInterval(timer);
    context.close().catch(() => undefined); // closed already
  };
  const stop = () =>
    new Promise<Recording>((resolve) => {
      const seconds = (Date.now() - started) / 1000;
      recorder.onstop = () => {
        for (const track of stream.getTracks()) track.stop();
        resolve({
          blob: new Blob(parts, { type: recorder.mimeType || mimeType || 'audio/webm' }),
          seconds,
          peaks: thin(levels),
        });
      };
      close();
      recorder.stop();
    });
  return { recorder, stop, close };
}
