import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UnreadableImage } from '../../../src/formats/images/raw_image.ts';
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
