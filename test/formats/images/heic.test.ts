import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HeicReader } from '../../../src/formats/images/heic/heic.ts';
import type { Libheif } from '../../../src/formats/images/heic/libheif.ts';
import { UnreadableImage } from '../../../src/formats/images/raw_image.ts';
import { loadHeicLibrary } from '../../../src/platform/images/heic_library.ts';
import fixtures from '../../fixtures/images/heic.json';
import { survives } from './fuzz.ts';

interface Fixture {
  name: string;
  file: string;
  channels: number;
  width?: number;
  height?: number;
  pixels?: string;
  refused?: string;
}

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
const reader = new HeicReader(await loadHeicLibrary<Libheif>());

for (const { name, file, channels, width, height, pixels, refused } of fixtures as Fixture[]) {
  if (pixels === undefined) {
    test(`${name} is refused with its reason, and the next file is read`, () => {
      const isReason = (error: unknown) =>
        error instanceof UnreadableImage && new RegExp(refused!).test(error.message);
      assert.throws(() => reader.read(bytesOf(file)), isReason);
      assert.is(reader.read(bytesOf(fixtures[0]!.file)).channels, 3);
    });
    continue;
  }
  test(`${name}: sides and pixels are those of heif-convert`, () => {
    const image = reader.read(bytesOf(file));
    assert.equal([image.width, image.height, image.channels], [width, height, channels]);
    const expected = bytesOf(pixels);
    const apart = Array.from(image.samples, (value, i) => Math.abs(value - expected[i]!));
    const mean = apart.reduce((sum, value) => sum + value, 0) / apart.length;
    // Releases of libheif round the colours of pictures with undivided colour differences in ways of their own, without a bias.
    assert.ok(Math.max(...apart) <= 5 && mean < 0.7, `${Math.max(...apart)} apart, ${mean} on average`);
  });
}

test('a damaged HEIC file is read or refused, never a crash or a long wait', async () => {
  const files = (fixtures as Fixture[]).map(({ file }) => bytesOf(file));
  const read = async (bytes: Uint8Array) => {
    const { width, height, channels, samples } = reader.read(bytes);
    return [{ samples, expected: width * height * channels }];
  };
  await survives(files, read, { seed: 7, runs: 10_000, gain: 1e6 });
});

test.run();
