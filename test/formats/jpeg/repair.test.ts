// Complete JPEG files that libjpeg warns of are read as what they are; what lacks pixels is not.
import { join } from 'node:path';
import * as fc from 'fast-check';
import sharp, { type JpegOptions } from 'sharp';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { repairedJpeg } from '../../../src/formats/jpeg/repair.ts';
import { nodeFiles } from '../../../src/platform/node_files.ts';
import { withFiles } from '../../data/temporary.ts';
import { fnv1a32, lowbias32 } from '../../oracle.ts';

const [width, height] = [61, 43];
const noise = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
  const smooth = 90 + 70 * Math.sin(i / 400);
  return smooth + (lowbias32(fnv1a32('jpeg') ^ i) >>> 27);
});
const jpeg = (options: JpegOptions = {}) =>
  sharp(noise, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 85, ...options })
    .toBuffer();

/** What each file decodes to at this side, or why it does not. */
async function decoded(files: Record<string, Uint8Array>, side: number): Promise<Record<string, unknown>> {
  const results: Record<string, unknown> = {};
  await withFiles(files, async (folder) => {
    for (const name of Object.keys(files))
      results[name] = await nodeFiles
        .decodeImage(join(folder, name), side)
        .catch((error: Error) => error.message);
  });
  return results;
}

/** Where a marker's segment begins. */
function segment(bytes: Buffer, marker: number): number {
  for (let at = 2; ; at += 2 + bytes.readUInt16BE(at + 2)) if (bytes[at + 1] === marker) return at;
}

const inserted = (bytes: Buffer, at: number, ...more: number[]) =>
  Buffer.concat([bytes.subarray(0, at), Buffer.from(more), bytes.subarray(at)]);

/** Complete files of a photo, each odd in its own way. */
async function oddFiles(): Promise<Record<string, Buffer>> {
  const plain = await jpeg();
  const scan = segment(plain, 0xda);
  const samsung = Buffer.from(plain);
  samsung[scan + 5 + 2 * samsung[scan + 4]! + 1] = 0;
  const adobe = [0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0];
  const jfif = [0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0];
  const end = plain.length - 2;
  return {
    'samsung.jpg': samsung,
    'no end.jpg': plain.subarray(0, end),
    'half an end.jpg': plain.subarray(0, end + 1),
    'jfif 2.jpg': inserted(plain, 2, ...jfif, 2, 0, 0, 0, 1, 0, 1, 0, 0),
    'adobe 9.jpg': inserted(plain, 2, ...adobe, 9),
    'zeros behind the codes.jpg': inserted(plain, end, 0, 0, 0, 0, 0),
    'bytes behind the codes.jpg': inserted(plain, end, 1, 2, 3, 0xff, 0, 5),
    'padded segments.jpg': inserted(plain, segment(plain, 0xc4), 0, 0, 0, 0),
    'padded beginning.jpg': inserted(plain, 2, 0, 0, 0),
    'several.jpg': inserted(samsung.subarray(0, end), 2, ...jfif, 9, 0, 0, 0, 1, 0, 1, 0, 0),
    'a film behind.jpg': Buffer.concat([plain, Buffer.from('....ftypmp42'), Buffer.alloc(300, 7)]),
    'a second picture behind.jpg': Buffer.concat([plain, plain]),
  };
}

test('complete files with oddities of cameras and programs decode to the pixels of the plain file', async () => {
  const odd = await oddFiles();
  for (const side of [16, 40]) {
    const { plain, ...others } = await decoded({ plain: await jpeg(), ...odd }, side);
    assert.instance(plain, Uint8Array);
    for (const [name, pixels] of Object.entries(others)) assert.equal(pixels, plain, `${name} at ${side}`);
  }
});

test('restarts, colour planes of other sizes, grey and progressive files without an end are read', async () => {
  const kinds = {
    full: await jpeg({ chromaSubsampling: '4:4:4' }),
    optimised: await jpeg({ optimizeCoding: true }),
    progressive: await jpeg({ progressive: true }),
    grey: await sharp(noise, { raw: { width, height, channels: 3 } })
      .greyscale()
      .jpeg()
      .toBuffer(),
  };
  const without = Object.fromEntries(
    Object.entries(kinds).map(([name, bytes]) => [`${name} without`, bytes.subarray(0, bytes.length - 2)]),
  );
  const results = await decoded({ ...kinds, ...without }, 16);
  for (const name of Object.keys(kinds)) assert.equal(results[`${name} without`], results[name], name);
});

test('files whose data end early are refused wherever they end, also where an end was put behind them', async () => {
  for (const options of [{}, { progressive: true }, { chromaSubsampling: '4:4:4' }]) {
    const whole = await jpeg(options);
    const torn: Record<string, Uint8Array> = {};
    for (const share of [0.2, 0.5, 0.7, 0.9, 0.97]) {
      torn[`${share}`] = whole.subarray(0, Math.floor(share * whole.length));
    }
    torn['40 bytes'] = whole.subarray(0, whole.length - 40);
    const results = await decoded(torn, 16);
    for (const [name, reason] of Object.entries(results))
      assert.is(reason, 'truncated or damaged', `${JSON.stringify(options)} ${name}`);
  }
});

test('codes that changed on their way are not taken for complete: what remains behind them tells', async () => {
  const whole = await jpeg();
  const start = segment(whole, 0xda) + 14;
  let accepted = 0;
  for (let share = 0.05; share < 0.9; share += 0.05) {
    const bytes = Buffer.from(whole);
    const at = start + Math.floor(share * (whole.length - start));
    for (let i = 0; i < 6; i++) bytes[at + i] = 0x55 ^ (31 * i);
    if (repairedJpeg(bytes)) accepted++;
  }
  assert.ok(accepted <= 2, `${accepted} of 17`);
});

test('sixty thousand odd segments take the time of their bytes, not of their square', async () => {
  const plain = await jpeg();
  const adobe = [0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, 9];
  const segments = Buffer.from(new Array(60_000).fill(adobe).flat());
  const many = Buffer.concat([plain.subarray(0, 2), segments, plain.subarray(2)]);
  const start = performance.now();
  assert.is(repairedJpeg(many)?.isComplete, true);
  assert.ok(performance.now() - start < 2000, `${performance.now() - start} ms`);
});

test('ten thousand damaged files: none throws, none grows, all in the time of their length', async () => {
  const kinds = [await jpeg(), await jpeg({ progressive: true }), ...Object.values(await oddFiles())];
  const edit = fc.tuple(fc.nat(), fc.nat(255), fc.nat(3));
  fc.assert(
    fc.property(fc.nat(), fc.array(edit, { minLength: 1, maxLength: 6 }), (kind, edits) => {
      let bytes = Uint8Array.from(kinds[kind % kinds.length]!);
      for (const [place, value, how] of edits) {
        const at = place % bytes.length;
        if (how === 0) bytes = bytes.slice(0, Math.max(2, at));
        else if (how === 1) bytes = Uint8Array.from(inserted(Buffer.from(bytes), at, value, 255 - value));
        else bytes[at] = value;
      }
      const repaired = repairedJpeg(bytes);
      return repaired === undefined || repaired.bytes.length <= bytes.length + 2;
    }),
    { numRuns: 10_000, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: true },
  );
});

test.run();
