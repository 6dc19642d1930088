import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeFiles } from '../../src/platform/node_files.ts';
import { withFiles } from '../data/temporary.ts';

test('an encoded JPEG decodes to the same colours at the same places', async () => {
  // Four plain quarters; the sides differ, so that width and height cannot be mixed up.
  const [width, height] = [64, 32];
  const colours = [
    [200, 30, 30],
    [30, 160, 60],
    [40, 60, 200],
    [240, 230, 90],
  ];
  const quarter = (x: number, y: number) => colours[(y < height / 2 ? 0 : 2) + (x < width / 2 ? 0 : 1)]!;
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, at) => {
    const pixel = Math.floor(at / 3);
    return quarter(pixel % width, Math.floor(pixel / width))[at % 3]!;
  });
  const jpeg = await nodeFiles.encodeJpeg(pixels, width, height);
  await withFiles({ 'sheet.jpg': jpeg }, async (folder) => {
    // Decoding keeps the centre 32×32: columns 16 … 47.
    const decoded = await nodeFiles.decodeImage(join(folder, 'sheet.jpg'), height);
    for (const [x, y] of [
      [3, 3],
      [28, 3],
      [3, 28],
      [28, 28],
    ] as const) {
      const at = (y * height + x) * 3;
      const expected = quarter(x + 16, y);
      // Plain areas lose little at quality 80.
      for (let k = 0; k < 3; k++) assert.ok(Math.abs(decoded[at + k]! - expected[k]!) < 10);
    }
  });
});

test.run();
