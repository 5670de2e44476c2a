import type { ServerResponse } from 'node:http';
import { files } from './talk';

const palette = ['#8fb4d9', '#d9a58f', '#9fc49a', '#c7a6d8', '#d8c48f'];

function picture(id: string, w: number, h: number): string {
  const n = Number(id);
  const c = (k: number) => palette[(n + k) % palette.length];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 100 ${(100 * h) / w}"><rect width="100" height="200" fill="${c(0)}"/><rect x="22" y="24" width="56" height="40" rx="5" fill="${c(1)}"/><rect x="30" y="32" width="24" height="14" rx="2" fill="#fff" opacity=".7"/><circle cx="66" cy="40" r="6" fill="${c(2)}"/><rect x="36" y="52" width="28" height="4" rx="2" fill="#333" opacity=".5"/></svg>`;
}

/** A quiet tone with pauses, as long as the voice message says. */
function tone(seconds: number): Buffer {
  const rate = 8000;
  const n = Math.round(seconds * rate);
  const b = Buffer.alloc(44 + n * 2);
  b.write('RIFF', 0);
  b.writeUInt32LE(36 + n * 2, 4);
  b.write('WAVEfmt ', 8);
  b.writeUInt32LE(16, 16);
  b.writeUInt16LE(1, 20);
  b.writeUInt16LE(1, 22);
  b.writeUInt32LE(rate, 24);
  b.writeUInt32LE(rate * 2, 28);
  b.writeUInt16LE(2, 32);
  b.writeUInt16LE(16, 34);
  b.write('data', 36);
  b.writeUInt32LE(n * 2, 40);
  for (let k = 0; k < n; k++)
    b.writeInt16LE(
      Math.round(3000 * Math.sin((2 * Math.PI * 220 * k) / rate) * Math.abs(Math.sin(k / 2500))),
      44 + k * 2,
    );
  return b;
}

export function media(id: string, res: ServerResponse): void {
  const f = files.get(id);
  if (!f) {
    res.writeHead(404);
    res.end();
    return;
  }
  const drawn = f.kind === 'image' || f.kind === 'sticker' || f.kind === 'video';
  res.writeHead(200, { 'Content-Type': drawn ? 'image/svg+xml' : f.kind === 'voice' ? 'audio/wav' : f.mime });
  res.end(
    drawn
      ? picture(id, f.width ?? 800, f.height ?? 600)
      : f.kind === 'voice'
        ? tone(f.duration ?? 4)
        : f.name,
  );
}
