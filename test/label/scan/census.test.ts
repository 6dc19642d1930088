import sharp from 'sharp';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openStream } from '../../../src/data/sources/open_stream.ts';
import { takeCensus } from '../../../src/label/scan/census.ts';
import { nodeFiles as files } from '../../../src/platform/node_files.ts';
import { Random } from '../../../src/random.ts';
import { withFiles } from '../../data/temporary.ts';

const random = new Random(4);
const [width, height] = [48, 16];
const pixels = Buffer.from(Array.from({ length: 3 * width * height }, () => random.integer(256)));
const picture = (data: Buffer = pixels) => sharp(data, { raw: { width, height, channels: 3 } });

/** The images of a folder, by name, in lists of those that are the same. */
async function sameOnes(content: Record<string, Uint8Array>, imageSize: number): Promise<string[][]> {
  const same = new Map<number, string[]>();
  await withFiles(content, async (folder) => {
    const stream = await openStream(folder, { files, imageSize });
    const { sameAs } = await takeCensus(stream);
    sameAs.forEach((first, image) => {
      same.set(first, [...(same.get(first) ?? []), stream.paths[image]!]);
    });
  });
  return [...same.values()];
}

test('the same picture is the same file or the same pixels at full size, however they are stored', async () => {
  const png = await picture().png().toBuffer();
  const jpeg = await picture().jpeg({ quality: 90 }).toBuffer();
  const turned = await picture().rotate(90).png().toBuffer();
  const content = {
    'a.png': png,
    'b.png': png,
    'c.png': await picture()
      .png({ compressionLevel: 0 })
      .withExif({ IFD0: { Artist: 'somebody' } })
      .toBuffer(),
    'd.webp': await picture().webp({ lossless: true }).toBuffer(),
    'e.jpg': jpeg,
    'f.png': await sharp(jpeg).png().toBuffer(),
    // Turned back as it is to be seen.
    'g.png': await sharp(turned).withMetadata({ orientation: 8 }).png().toBuffer(),
  };
  assert.equal(await sameOnes(content, 16), [
    ['a.png', 'b.png', 'c.png', 'd.webp', 'g.png'],
    ['e.jpg', 'f.png'],
  ]);
});

test('what the square leaves out tells pictures apart: the margins that are cut off, and detail', async () => {
  const margin = Buffer.from(pixels);
  margin[0] = pixels[0]! ^ 128;
  const flat = (levels: readonly number[]) =>
    Buffer.from(
      Array.from({ length: 3 * width * height }, (_, at) => levels[Math.floor(at / 3) % levels.length]!),
    );
  const content = {
    'a.png': await picture().png().toBuffer(),
    'b.png': await picture(margin).png().toBuffer(),
    // Both have the mean 100 everywhere once they are small.
    'c.png': await picture(flat([90, 110]))
      .png()
      .toBuffer(),
    'd.png': await picture(flat([110, 90]))
      .png()
      .toBuffer(),
  };
  assert.equal(await sameOnes(content, 16), [['a.png'], ['b.png'], ['c.png'], ['d.png']]);
  await withFiles(content, async (folder) => {
    const stream = await openStream(folder, { files, imageSize: 4 });
    const squares = new Uint8Array(4 * 3 * 16);
    await stream.read(Int32Array.of(0, 1, 2, 3), squares);
    assert.equal(squares.slice(96, 144), squares.slice(144), 'the squares alone are the same');
  });
  assert.is((await sameOnes(content, 4)).length, 4);
});

test('images of a binary set are the same by their stored pixels, at whatever side they are read', async () => {
  const record = (change: number) => {
    const bytes = Buffer.alloc(3073, 77);
    bytes[0] = 3;
    bytes[1] = 77 + change;
    return bytes;
  };
  const content = { 'data_batch_1.bin': Buffer.concat([record(0), record(1), record(0)]) };
  await withFiles(content, async (folder) => {
    const stream = await openStream(`cifar10:${folder}`, { files, imageSize: 4 });
    const { sameAs } = await takeCensus(stream);
    assert.equal(sameAs, Int32Array.of(0, 1, 0));
  });
});

test.run();
