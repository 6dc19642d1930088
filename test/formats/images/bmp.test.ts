import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readBmp } from '../../../src/formats/images/bmp/bmp.ts';
import { UnreadableImage } from '../../../src/formats/images/raw_image.ts';
import fixtures from '../../fixtures/images/bmp.json';
import { survives } from './fuzz.ts';

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));

for (const { name, file, channels, tolerance, pixels } of fixtures) {
  test(`${name}: the pixels are those that ImageMagick and Pillow find`, () => {
    const image = readBmp(bytesOf(file));
    const expected = bytesOf(pixels);
    // Where the file has no transparency of its own, three channels are left of four.
    assert.is(image.channels, channels);
    assert.is(image.samples.length, expected.length);
    const apart = Math.max(...image.samples.map((value, i) => Math.abs(value - expected[i]!)));
    assert.ok(apart <= tolerance, `${apart} apart`);
  });
}

test('pixels that no reader here knows are refused by name', () => {
  const file = bytesOf(fixtures.find(({ name }) => name === 'Pillow RGB')!.file);
  const changed = (at: number, value: number) => {
    const bytes = file.slice();
    bytes[at] = value;
    return () => readBmp(bytes);
  };
  const refusal = (reason: RegExp) => (error: unknown) =>
    error instanceof UnreadableImage && reason.test(error.message);
  assert.throws(changed(30, 5), refusal(/^a BMP compressed as PNG, which is not read$/));
  assert.throws(changed(28, 64), refusal(/^a BMP of 64 bits a pixel, which is not read$/));
  assert.throws(changed(21, 100), refusal(/^over 50 megapixels$/));
  assert.throws(() => readBmp(file.subarray(0, file.length - 4)), refusal(/^truncated or damaged$/));
});

test('a damaged BMP file is read or refused, never a crash or a long wait', async () => {
  const read = async (bytes: Uint8Array) => {
    const { width, height, channels, samples } = readBmp(bytes);
    return [{ samples, expected: width * height * channels }];
  };
  // A byte of run lengths is up to 1000 pixels of three colours; a bit without them is one.
  await survives(
    fixtures.map(({ file }) => bytesOf(file)),
    read,
    { seed: 6, runs: 10_000, gain: 3000 },
  );
});

test.run();
