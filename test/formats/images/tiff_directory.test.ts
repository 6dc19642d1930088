// The reader of TIFF directories alone: what it reads of a file, and how much of one that lies.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UnreadableImage } from '../../../src/formats/images/raw_image.ts';
import { checkTiffPage, imagesOfTiff } from '../../../src/formats/images/tiff/checks.ts';
import { inMemory, type ReadAt, tiffDirectories } from '../../../src/formats/images/tiff/directory.ts';
import { openTiff } from '../../../src/formats/images/tiff/tiff.ts';
import { type Entry, longEntry, shortEntry, tiffFile } from './tiff_file.ts';

const writing = fc.record({ littleEndian: fc.boolean(), isBig: fc.boolean() });

/** Entries with a tag each, of all types that whole numbers have. */
const entries = fc.uniqueArray(
  fc.oneof(
    ...([1, 3, 4, 7, 16] as const).map((type) =>
      fc.record<Entry>({
        tag: fc.integer({ min: 254, max: 400 }),
        type: fc.constant(type),
        values: fc.array(fc.nat(type === 1 || type === 7 ? 255 : type === 3 ? 65_535 : 2 ** 31 - 1), {
          minLength: 1,
          maxLength: 9,
        }),
      }),
    ),
  ),
  { selector: ({ tag }) => tag, minLength: 1, maxLength: 60 },
);

/** Counts the bytes that are read. */
function counting(bytes: Uint8Array): { readAt: ReadAt; read: () => number } {
  let read = 0;
  const inside = inMemory(bytes);
  const readAt: ReadAt = async (offset, length) => {
    const part = await inside(offset, length);
    read += part.length;
    return part;
  };
  return { readAt, read: () => read };
}

test('what was written into directories is what is read: any types, byte orders, places of four and eight bytes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(entries, { minLength: 1, maxLength: 4 }), writing, async (written, how) => {
      const found = await tiffDirectories(inMemory(tiffFile(written, undefined, how)));
      assert.is(found.length, written.length);
      for (const [i, list] of written.entries()) {
        for (const { tag, values } of list) {
          assert.equal(await found[i]!.numbers(tag), values);
          assert.equal(await found[i]!.number(tag, -1), values[0]);
        }
        assert.equal(await found[i]!.numbers(200), []);
      }
    }),
    { seed: 3, numRuns: 1000 },
  );
});

/** Files whose places, counts and types lead anywhere, most of them to somewhere inside. */
const lying = fc
  .tuple(
    fc.array(entries, { minLength: 1, maxLength: 6 }),
    writing,
    fc.nat(2000),
    fc.array(
      fc.tuple(fc.nat(), fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 255)), fc.integer({ min: 1, max: 8 })),
      {
        maxLength: 12,
      },
    ),
  )
  .map(([written, how, pixels, edits]) => {
    const bytes = tiffFile(written, new Uint8Array(pixels), how);
    for (const [at, value, length] of edits)
      bytes.fill(value, at % bytes.length, (at % bytes.length) + length);
    return bytes;
  });

test('no directory makes more to read than the file has, whatever places and counts it names', async () => {
  let pictures = 0;
  await fc.assert(
    fc.asyncProperty(lying, async (bytes) => {
      const { readAt, read } = counting(bytes);
      const start = performance.now();
      try {
        pictures += (await imagesOfTiff(readAt)).length;
        await checkTiffPage(readAt, 0);
      } catch (error) {
        if (!(error instanceof UnreadableImage)) throw error;
      }
      // Each of the two reads every directory once, up to twice where it is long, and a word or a text of it.
      assert.ok(read() <= 6 * bytes.length + 20_000, `${read()} bytes of ${bytes.length}`);
      assert.ok(performance.now() - start < 2000, 'took too long');
    }),
    { seed: 4, numRuns: 10_000 },
  );
  assert.ok(pictures > 2000, `only ${pictures} pictures were found`);
});

test('directories that lie over each other end at once, in place of being followed for as long as the file is wide', async () => {
  // At every sixth byte begins a directory of 4096 entries whose next one is six bytes further on.
  const bytes = new Uint8Array(300_000);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x49492a00);
  view.setUint32(4, 8, true);
  for (let at = 8; at + 6 < bytes.length; at += 6) view.setUint16(at, 4096, true);
  for (let at = 8; at + 2 + 12 * 4096 + 4 < bytes.length; at += 6)
    view.setUint32(at + 2 + 12 * 4096, at + 6, true);
  const { readAt, read } = counting(bytes);
  const refusal = await imagesOfTiff(readAt).catch((error: Error) => error);
  assert.instance(refusal, UnreadableImage);
  assert.ok(read() < bytes.length, `${read()} bytes`);
});

test('a directory of more entries than any writer makes is refused, and so is one in a circle', async () => {
  const many = tiffFile([Array.from({ length: 5000 }, (_, i) => shortEntry(1000 + i, 1))]);
  await refused(() => imagesOfTiff(inMemory(many)));
  const circle = tiffFile([[shortEntry(256, 1)]]);
  new DataView(circle.buffer).setUint32(16 + 2 + 12, 16, true);
  await refused(() => imagesOfTiff(inMemory(circle)));
});

/** A grey picture of 8 bits in one tile or strip; the entries replace its own of the same tag. */
function picture(pixels: Uint8Array<ArrayBuffer>, ...changed: Entry[]): Uint8Array {
  const own = [
    longEntry(256, 4),
    longEntry(257, 4),
    shortEntry(258, 8),
    shortEntry(259, 1),
    shortEntry(262, 1),
    longEntry(273, 16),
    longEntry(278, 4),
    longEntry(279, pixels.length),
  ];
  const kept = own.filter(({ tag }) => !changed.some((other) => other.tag === tag));
  return tiffFile([[...kept, ...changed].sort((a, b) => a.tag - b.tag)], pixels);
}

test('thousands of tiles that share their bytes, or reach far beyond the picture, are not gone through', async () => {
  const tiles = 20_000;
  const packed = new Uint8Array(1 << 20);
  const start = performance.now();
  const shared = picture(
    packed,
    longEntry(256, tiles),
    longEntry(257, 1),
    shortEntry(266, 2),
    longEntry(322, 1),
    longEntry(323, 1),
    { tag: 324, type: 4, values: new Array(tiles).fill(16) },
    { tag: 325, type: 4, values: new Array(tiles).fill(packed.length) },
  );
  assert.is((await (await openTiff(shared)).read(0)).samples.length, tiles);
  // 20,000 tiles of 1 MB, of which a byte each counts, turned bit by bit.
  assert.ok(performance.now() - start < 3000, `${performance.now() - start} ms`);
  const wide = picture(
    new Uint8Array(32_000),
    shortEntry(259, 5),
    longEntry(256, 60_000),
    longEntry(257, 1),
    longEntry(322, 1),
    longEntry(323, 49_000_000),
  );
  await refused(async () => (await openTiff(wide)).read(0));
});

test('a pixel of thousands of numbers, and a palette of negative ones, are refused', async () => {
  const many = picture(new Uint8Array(4096), shortEntry(262, 2), shortEntry(277, 200));
  await refused(async () => (await openTiff(many)).read(0));
  const palette = longEntry(320, ...new Array(768).fill(5));
  const signed = picture(new Uint8Array(16).fill(200), shortEntry(262, 3), shortEntry(339, 2), palette);
  await refused(async () => (await openTiff(signed)).read(0));
});

test('opaque is opaque whatever bits its number has: twelve, and four', async () => {
  // Twelve bits: 0x800 and 0xfff for grey 2048, opaque; the same of 0xaaa and 0x000.
  const twelve = Uint8Array.of(0x80, 0x0f, 0xff, 0xaa, 0xa0, 0x00);
  const about = [longEntry(256, 2), longEntry(257, 1), shortEntry(277, 2), shortEntry(338, 2)];
  const deep = await (await openTiff(picture(twelve, ...about, shortEntry(258, 12, 12)))).read(0);
  assert.equal([...deep.samples], [2048, 2048, 2048, 65_535, 2730, 2730, 2730, 0]);
  const four = await (
    await openTiff(picture(Uint8Array.of(0x8f, 0xa0), ...about, shortEntry(258, 4, 4)))
  ).read(0);
  assert.equal([...four.samples], [8, 8, 8, 255, 10, 10, 10, 0]);
  assert.equal(four.range, [0, 15]);
});

async function refused(work: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  const refusal = await work().catch((error: Error) => error);
  assert.instance(refusal, UnreadableImage);
  assert.ok(performance.now() - start < 2000, 'took too long');
}

test.run();
