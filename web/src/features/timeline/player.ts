import { useSyncExternalStore } from 'react';

/** What plays now. One thing plays at a time on the whole page. */
export interface Playing {
  id?: string;
  paused: boolean;
  /** Seconds. */
  time: number;
  duration: number;
  rate: number;
  failed?: string;
}

const rates = [1, 1.5, 2];
let state: Playing = { paused: true, time: 0, duration: 0, rate: 1 };
let audio: HTMLAudioElement | undefined;
let frame = 0;
const listeners = new Set<() => void>();

function set(part: Partial<Playing>): void {
  state = { ...state, ...part };
  for (const listener of listeners) listener();
}

function tick(): void {
  if (!audio || audio.paused) return;
  set({ time: audio.currentTime });
  frame = requestAnimationFrame(tick);
}

function element(): HTMLAudioElement {
  if (audio) return audio;
  audio = new Audio();
  audio.preload = 'metadata';
  audio.addEventListener('play', () => {
    set({ paused: false });
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(tick);
  });
  audio.addEventListener('pause', () => set({ paused: true }));
  audio.addEventListener('ended', () => set({ paused: true, time: 0 }));
  audio.addEventListener('loadedmetadata', () => {
    if (audio && Number.isFinite(audio.duration)) set({ duration: audio.duration });
  });
  audio.addEventListener('error', () => {
    if (audio?.getAttribute('src')) set({ failed: state.id, paused: true });
  });
  return audio;
}

export const player = {
  toggle(id: string, url: string, duration = 0): void {
    const a = element();
    if (state.id !== id) {
      a.src = url;
      a.playbackRate = state.rate;
      set({ id, time: 0, duration, failed: undefined });
      a.play().catch(() => set({ paused: true }));
      return;
    }
    if (a.paused) a.play().catch(() => set({ paused: true }));
    else a.pause();
  },
  /** To a share (0..1) of the whole. */
  seek(id: string, url: string, share: number, duration = 0): void {
    if (state.id !== id) player.toggle(id, url, duration);
    const length = state.duration || duration;
    const time = Math.max(0, Math.min(length, share * length));
    element().currentTime = time;
    set({ time });
  },
  faster(): void {
    const rate = rates[(rates.indexOf(state.rate) + 1) % rates.length] ?? 1;
    if (audio) audio.playbackRate = rate;
    set({ rate });
  },
  stop(): void {
    audio?.pause();
  },
};

const idle: Playing = { paused: true, time: 0, duration: 0, rate: 1 };

/** What plays, for one voice message; the same idle value for all others, so that they do not render along. */
export function usePlaying(id: string): Playing {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    () => (state.id === id ? state : idle),
  );
}

/** Fits stored peaks (0..255) to a number of bars, the loudest of each share. */
export function bars(peaks: number[] | undefined, count: number): number[] {
  if (!peaks?.length) return Array.from({ length: count }, () => 0.12);
  return Array.from({ length: count }, (_, i) => {
    const from = Math.floor((i * peaks.length) / count);
    const to = Math.max(from + 1, Math.floor(((i + 1) * peaks.length) / count));
    return Math.max(0.08, Math.max(...peaks.slice(from, to)) / 255);
  });
}
