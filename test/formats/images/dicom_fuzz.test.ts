import { test } from 'uvu';
import { isEncapsulated, openDicom } from '../../../src/formats/images/dicom/dicom.ts';
import fixtures from '../../fixtures/images/dicom.json';
import { survives } from './fuzz.ts';

/** Two bytes of RLE give 128 pixels, of one byte, which may become four. */
const gain = 256;

test('a damaged DICOM file is read or refused, never a crash or a long wait', async () => {
  const files = fixtures.map(({ file }) => new Uint8Array(Buffer.from(file, 'base64')));
  const read = async (bytes: Uint8Array) => {
    const file = await openDicom(bytes);
    const frames = [0, 1, 2].filter((frame) => frame < file.frames).map((frame) => file.read(frame));
    return frames.flatMap((image) =>
      isEncapsulated(image)
        ? []
        : [{ samples: image.samples, expected: image.width * image.height * image.channels }],
    );
  };
  await survives(files, read, { seed: 5, runs: 10_000, gain });
});

test.run();
