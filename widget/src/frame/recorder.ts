// Records the visitor's voice.

export interface Recording {
  blob: Blob;
  name: string;
  duration: number;
  peaks: number[];
}

const types = ['audio/webm;codecs=opus', 'audio/ogg;codecs=opus', 'audio/mp4'];
const levelEvery = 60; // ms
const maxBars = 64;

/** The browser and the page around us let us record. */
export function canRecord(): boolean {
  return typeof MediaRecorder !== 'undefined' && !!navigator.mediaDevices?.getUserMedia && types.some((t) => MediaRecorder.isTypeSupported(t));
}

export class Recorder {
  private levels: number[] = [];
  private chunks: Blob[] = [];
  private timer: ReturnType<typeof setInterval> | undefined;
  private began = 0;
  private constructor(
    private readonly media: MediaRecorder,
    private readonly stream: MediaStream,
    private readonly audio: AudioContext,
  ) {}

  /** Starts recording; level is called with 0…1 as the voice goes. */
  static async start(level: (seconds: number, value: number) => void): Promise<Recorder> {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true, channelCount: 1 } });
    const media = new MediaRecorder(stream, { mimeType: types.find((t) => MediaRecorder.isTypeSupported(t)), audioBitsPerSecond: 32_000 });
    const audio = new AudioContext();
    const analyser = audio.createAnalyser();
    analyser.fftSize = 512;
    audio.createMediaStreamSource(stream).connect(analyser);
    const r = new Recorder(media, stream, audio);
    const samples = new Uint8Array(analyser.fftSize);
    r.timer = setInterval(() => {
      analyser.getByteTimeDomainData(samples);
      let peak = 0;
      for (const s of samples) peak = Math.max(peak, Math.abs(s - 128));
      const value = Math.min(1, peak / 90);
      r.levels.push(value);
      level((performance.now() - r.began) / 1000, value);
    }, levelEvery);
    media.ondataavailable = (e) => r.chunks.push(e.data);
    media.start(1000);
    r.began = performance.now();
    return r;
  }

  private release(): void {
    clearInterval(this.timer);
    for (const track of this.stream.getTracks()) track.stop();
    void this.audio.close();
  }

  cancel(): void {
    this.media.onstop = null;
    if (this.media.state !== 'inactive') this.media.stop();
    this.release();
  }

  finish(): Promise<Recording> {
    const duration = (performance.now() - this.began) / 1000;
    return new Promise((resolve) => {
      this.media.onstop = () => {
        this.release();
        const type = this.media.mimeType || 'audio/webm';
        const ending = type.includes('ogg') ? 'ogg' : type.includes('mp4') ? 'm4a' : 'webm';
        resolve({ blob: new Blob(this.chunks, { type }), name: `voice.${ending}`, duration, peaks: this.peaks() });
      };
      this.media.stop();
    });
  }

  private peaks(): number[] {
    const n = Math.min(maxBars, this.levels.length);
    return Array.from({ length: n }, (_, i) => {
      const from = Math.floor((i * this.levels.length) / n);
      const to = Math.max(from + 1, Math.floor(((i + 1) * this.levels.length) / n));
      return Math.round(255 * Math.max(...this.levels.slice(from, to)));
    });
  }
}
