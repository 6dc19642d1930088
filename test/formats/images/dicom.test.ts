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

test.run();
