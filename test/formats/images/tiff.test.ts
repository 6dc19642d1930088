import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UnreadableImage } from '../../../src/formats/images/raw_image.ts';
import { inMemory, type ReadAt, tiffDirectories } from '../../../src/formats/images/tiff/directory.ts';
import { singlePage } from '../../../src/formats/images/tiff/single_page.ts';
import { openTiff } from '../../../src/formats/images/tiff/tiff.ts';
import fixtures from '../../fixtures/images/tiff.json';
import { survives } from './fuzz.ts';

interface Fixture {
  name: string;
  file: string;
  refused?: string;
  channels?: number;
  width?: number;
  height?: number;
  /** NumPy's name of the numbers' type. */
  kind?: string;
  pages?: string[];
  range?: number[];
  inverted?: boolean;
}

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));

const arrays = {
  u1: Uint8Array,
  u2: Uint16Array,
  u4: Uint32Array,
  i1: Int8Array,
  i2: Int16Array,
  i4: Int32Array,
  f4: Float32Array,
};

for (const fixture of fixtures as Fixture[]) {
  const { name, file, refused, channels, width, height, pages, range, inverted } = fixture;
  if (refused !== undefined) {
    test(`${name} is refused by name`, async () => {
      const refusal = await Promise.resolve()
        .then(async () => (await openTiff(bytesOf(file))).read(0))
        .then(
          () => undefined,
          (error: unknown) => error,
        );
      assert.instance(refusal, UnreadableImage);
      assert.match((refusal as Error).message, new RegExp(refused));
    });
    continue;
  }
  test(`${name}: the numbers are those that the file was made of`, async () => {
    const opened = await openTiff(bytesOf(file));
    assert.is(opened.pages, pages!.length);
    for (const [i, page] of pages!.entries()) {
      const image = await opened.read(i);
      assert.equal([image.width, image.height, image.channels], [width, height, channels]);
      const expected = new arrays[fixture.kind as keyof typeof arrays](bytesOf(page).buffer);
      const apart = Array.from(image.samples, (value, at) => Math.abs(value - expected[at]!));
      assert.is(apart.length, expected.length);
      assert.is(Math.max(...apart), 0, `page ${i}`);
      assert.equal([image.range, image.inverted], [range, inverted]);
    }
  });
}

test('a page as a file of its own holds the same image, and no more is read for it than its own bytes', async () => {
  for (const { name, file, pages } of (fixtures as Fixture[]).filter(({ pages }) => pages)) {
    const bytes = bytesOf(file);
    const inside = inMemory(bytes);
    let read = 0;
    const readAt: ReadAt = async (offset, length) => {
      read += length;
      return inside(offset, length);
    };
    const directories = await tiffDirectories(readAt);
    const opened = await openTiff(bytes);
    const shift = directories.length - opened.pages;
    for (let page = 0; page < pages!.length; page++) {
      read = 0;
      const alone = await singlePage(directories[page + shift]!, readAt, bytes.length);
      assert.ok(alone, `${name} ${page}`);
      assert.ok(read <= bytes.length, `${read} bytes of ${bytes.length}`);
      assert.equal(await (await openTiff(alone)).read(0), await opened.read(page), `${name} ${page}`);
    }
  }
});

test('a damaged TIFF file is read or refused, never a crash or a long wait', async () => {
  const files = (fixtures as Fixture[]).map(({ file }) => bytesOf(file));
  const read = async (bytes: Uint8Array) => {
    const opened = await openTiff(bytes);
    const images = [await opened.read(0)];
    if (opened.pages > 1) images.push(await opened.read(opened.pages - 1));
    return images.map(({ width, height, channels, samples }) => ({
      samples,
      expected: width * height * channels,
    }));
  };
  await survives(files, read, { seed: 8, runs: 10_000, gain: 4 * 2731 });
});

test.run();
