import sharp from 'sharp';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isEncapsulated, openDicom } from '../../../src/formats/images/dicom/dicom.ts';
import { type RawImage, UnreadableImage } from '../../../src/formats/images/raw_image.ts';
import fixtures from '../../fixtures/images/dicom.json';
import { shownBytes } from './shown_bytes.ts';

interface Fixture {
  name: string;
  file: string;
  frames?: number;
  channels?: number;
  values?: number[];
  window?: number[];
  inverted?: boolean;
  tolerance?: number;
  apart?: number;
  shown?: number[];
  refused?: string;
}

const bytesOf = ({ file }: Fixture) => new Uint8Array(Buffer.from(file, 'base64'));

/** Decodes a frame; one that is kept as JPEG by sharp. */
async function frameOf(bytes: Uint8Array, frame: number): Promise<RawImage> {
  const found = (await openDicom(bytes)).read(frame);
  if (!isEncapsulated(found)) return found;
  const { data, info } = await sharp(found.jpeg).raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info as { width: number; height: number; channels: 1 | 3 };
  return found.finish({ width, height, channels, samples: new Uint8Array(data) });
}

/** The largest difference between two lists of one length. */
function furthest(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  assert.is(actual.length, expected.length);
  let most = 0;
  for (let i = 0; i < expected.length; i++) most = Math.max(most, Math.abs(actual[i]! - expected[i]!));
  return most;
}

for (const fixture of fixtures as Fixture[]) {
  const {
    name,
    frames = 1,
    channels,
    values,
    window,
    inverted,
    tolerance = 0,
    apart = 1,
    shown,
    refused,
  } = fixture;
  if (refused !== undefined) {
    test(`${name} is refused with its reason`, async () => {
      try {
        const file = await openDicom(bytesOf(fixture));
        file.read(0);
      } catch (error) {
        assert.instance(error, UnreadableImage);
        assert.match((error as Error).message, new RegExp(refused));
        return;
      }
      assert.unreachable();
    });
    continue;
  }
  test(`${name}: values, range and picture are those of the file's writers`, async () => {
    const bytes = bytesOf(fixture);
    const file = await openDicom(bytes);
    assert.is(file.frames, frames);
    const size = (values ?? shown)!.length / frames;
    for (let frame = 0; frame < frames; frame++) {
      const image = await frameOf(bytes, frame);
      assert.is(image.channels, channels);
      assert.is(image.samples.length, image.width * image.height * image.channels);
      assert.is(image.inverted ?? false, inverted ?? false);
      assert.equal(image.range, window);
      if (values) {
        const part = values.slice(frame * size, (frame + 1) * size);
        assert.ok(furthest(image.samples, part) <= tolerance, `frame ${frame}`);
      }
      // DCMTK rounds at other places.
      const picture = shown?.slice(frame * size, (frame + 1) * size);
      if (picture) assert.ok(furthest(shownBytes(image), picture) <= apart, `picture of frame ${frame}`);
    }
  });
}

test('a file that names more frames than it has pixels for is damaged, before anyone counts them', async () => {
  for (const name of ['frames', 'frames by RLE', 'single bits in frames that share bytes']) {
    const bytes = bytesOf((fixtures as Fixture[]).find((fixture) => fixture.name === name)!);
    // NumberOfFrames (0028,0008), of type IS: two bytes of length, and "3 ".
    const at = Buffer.from(bytes.buffer).indexOf(Uint8Array.of(0x28, 0, 8, 0, 0x49, 0x53, 2, 0)) + 8;
    assert.is(String.fromCharCode(bytes[at]!), '3');
    bytes.set([0x39, 0x39], at);
    const refusal = await openDicom(bytes).catch((error: Error) => error);
    assert.instance(refusal, UnreadableImage, name);
  }
});

test('frames of an odd number of bytes in words, high byte first, begin and end within a word', async () => {
  const values = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  const file = bigEndianFile(1, 5, 2, values);
  for (const frame of [0, 1]) {
    const { samples } = await frameOf(file, frame);
    assert.equal([...samples], values.slice(5 * frame, 5 * frame + 5));
  }
});

/** A bare big-endian data set of frames of bytes, which stand in words. */
function bigEndianFile(rows: number, columns: number, frames: number, values: readonly number[]): Uint8Array {
  const element = (group: number, number: number, type: string, value: readonly number[], isLong = false) => [
    ...[group >> 8, group & 255, number >> 8, number & 255, type.charCodeAt(0), type.charCodeAt(1)],
    ...(isLong ? [0, 0, 0, 0] : []),
    ...[value.length >> 8, value.length & 255],
    ...value,
  ];
  const short = (number: number, value: number) => element(0x28, number, 'US', [0, value]);
  const swapped = values.map((_, i) => values[i ^ 1]!);
  return Uint8Array.from([
    ...element(0x08, 0x60, 'CS', [0x4f, 0x54]),
    ...short(2, 1),
    ...element(0x28, 8, 'IS', [0x30 + frames, 0x20]),
    ...short(0x10, rows),
    ...short(0x11, columns),
    ...short(0x100, 8),
    ...element(0x7fe0, 0x10, 'OW', swapped, true),
  ]);
}

test.run();
