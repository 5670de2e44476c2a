import { expect, it } from 'vitest';
import { qrFile, qrPath } from './qr';

it('draws the three finder patterns', () => {
  const { size, path } = qrPath('https://t.me/okno_bot?start=vitrina');
  expect(size).toBeGreaterThan(22);
  // The top side of the left and of the right finder pattern: seven modules each.
  expect(path).toContain('M1 1h7v1h-7z');
  expect(path).toContain(`M${size - 8} 1h7v1h-7z`);
});

it('makes a file that opens by itself', () => {
  expect(decodeURIComponent(qrFile('x'))).toMatch(/^data:image\/svg\+xml;charset=utf-8,<svg xmlns/);
});
