// Files that people send, made on the spot.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';

function chunk(type, data) {
  const out = Buffer.alloc(12 + data.length);
  out.writeUInt32BE(data.length, 0);
  out.write(type, 4, 'latin1');
  data.copy(out, 8);
  out.writeUInt32BE(crc32(out.subarray(4, 8 + data.length)), 8 + data.length);
  return out;
}

/** A PNG picture: a gradient, so that a thumbnail is worth looking at. */
export function picture(width = 320, height = 220) {
  const rows = Buffer.alloc(height * (1 + width * 3));
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = y * (1 + width * 3) + 1 + x * 3;
      rows[at] = 110 + (120 * x) / width;
      rows[at + 1] = 70 + (90 * y) / height;
      rows[at + 2] = 60;
    }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Runs ffmpeg over a source of its own and returns the file it made. */
function made(name, ...args) {
  const folder = mkdtempSync(join(tmpdir(), 'okno-e2e-file-'));
  try {
    const out = join(folder, name);
    execFileSync('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-f', 'lavfi', ...args, out], { stdio: ['ignore', 'ignore', 'inherit'] });
    return readFileSync(out);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An MP4 video of a second with a moving picture. */
export const video = () => made('a.mp4', '-i', 'testsrc=size=320x240:rate=10:duration=1', '-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-movflags', '+faststart');

/** A voice message as messengers record it: Ogg with Opus. */
export const speech = () => made('a.ogg', '-i', 'sine=frequency=330:duration=3', '-c:a', 'libopus', '-b:a', '24k');

/** A sticker: a WebP picture. */
export const sticker = () => made('a.webp', '-i', 'color=c=orange:s=256x256:d=1', '-frames:v', '1', '-c:v', 'libwebp');

/** A PDF of one empty page. */
export function document() {
  const parts = ['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [3 0 R] /Count 1 >>', '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>'];
  let out = '%PDF-1.4\n';
  const at = parts.map((part, i) => {
    const from = out.length;
    out += `${i + 1} 0 obj\n${part}\nendobj\n`;
    return from;
  });
  const table = out.length;
  out += `xref\n0 ${parts.length + 1}\n0000000000 65535 f \n${at.map((n) => `${String(n).padStart(10, '0')} 00000 n \n`).join('')}`;
  return Buffer.from(`${out}trailer\n<< /Size ${parts.length + 1} /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`);
}

/** A file as a browser's field takes it. */
export const upload = (name, mimeType, buffer) => ({ name, mimeType, buffer });
