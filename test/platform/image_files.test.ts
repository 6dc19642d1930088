// Files that tifffile, libtiff, Pillow and avifenc wrote, held against the numbers that went into them.
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { imagesOfTiff } from '../../src/formats/images/tiff/checks.ts';
import { nodeFiles } from '../../src/platform/node_files.ts';
import { withFiles } from '../data/temporary.ts';
import fixture from '../fixtures/image_files.json';
import { largestError } from '../oracle.ts';

interface Written {
  readonly file: string;
  readonly samples: readonly number[];
  readonly shown?: string;
}

const files = fixture.files as Readonly<Record<string, Written>>;
const { width, height } = fixture;

async function withFixture(name: string, body: (path: string) => Promise<void>): Promise<void> {
  await withFiles({ [name]: Buffer.from(files[name]!.file, 'base64') }, (folder) => body(join(folder, name)));
}

/** Why a file is refused, if it is. */
async function reasonFor(name: string): Promise<string> {
  let reason = 'decoded';
  await withFixture(name, async (path) => {
    await nodeFiles.decodeImage(path, 8).catch((error: Error) => {
      reason = error.message;
    });
  });
  return reason;
}

/** What libtiff cannot read here, or reads wrongly. */
const refused: Readonly<Record<string, string>> = {
  'one_directory.tif': 'an ImageJ stack of 3 images of which only the first can be found',
  'two_channels.tif': '2 channels',
  'half.tif': 'floating-point numbers of 16 bits',
  'float_predictor_be.tif': 'floating-point differences with the high byte first',
  'zstd.tif': 'compressed as ZSTD',
};

test('numbers of TIFF files come as they were written: kinds, byte orders, compressions, tiles, planes, pages', async () => {
  const names = Object.keys(files).filter((name) => files[name]!.samples.length > 0 && !refused[name]);
  assert.is(names.length, 27);
  for (const name of names) {
    const { samples } = files[name]!;
    await withFixture(name, async (path) => {
      const pages = await imagesOfTiff((offset, length) => nodeFiles.readSlice(path, offset, length));
      const length = samples.length / pages.length;
      for (const page of pages) {
        const image = await nodeFiles.readSamples(path, page);
        assert.equal([image?.width, image?.height], [width, height], name);
        const expected = samples.slice(page * length, (page + 1) * length);
        // Seven decimals are kept of floating-point numbers.
        assert.ok(largestError(image!.samples, expected) < 1e-6, `${name}#${page}`);
      }
    });
  }
});

test('TIFF files that would come out wrong are refused with what to do instead', async () => {
  for (const [name, reason] of Object.entries(refused)) assert.match(await reasonFor(name), reason);
});

test('zero is shown white where a TIFF file says so', async () => {
  await withFixture('white0.tif', async (path) => {
    const { samples } = files['white0.tif']!;
    const { pixels } = await nodeFiles.decodeWhole(path);
    assert.is(pixels[3 * samples.indexOf(Math.min(...samples))], 255);
    assert.is(pixels[3 * samples.indexOf(Math.max(...samples))], 0);
  });
});

test('grey, palette and black-and-white TIFF, GIF and AVIF of 8, 10 and 12 bits look as their writers show them', async () => {
  // avifdec and libheif round colour matrices differently, ImageMagick a palette of 16 bits: so much of 255 they may differ.
  const tolerances: Readonly<Record<string, number>> = {
    'palette.tif': 1,
    'avif8.avif': 3,
    'avif10.avif': 2,
    'avif12.avif': 2,
  };
  const names = Object.keys(files).filter((name) => files[name]!.shown !== undefined);
  assert.is(names.length, 7);
  for (const name of names) {
    await withFixture(name, async (path) => {
      const { pixels } = await nodeFiles.decodeWhole(path);
      const error = largestError(pixels, Buffer.from(files[name]!.shown!, 'base64'));
      assert.ok(error <= (tolerances[name] ?? 0), `${name}: ${error}`);
    });
  }
});

test('squares are those of the whole image, in the same range', async () => {
  const range = { low: 20000, high: 50000, stated: 'followed' } as const;
  await withFixture('lzw.tif', async (path) => {
    const { pixels } = await nodeFiles.decodeWhole(path, { range });
    const square = await nodeFiles.decodeImage(path, height, { range });
    const left = Math.ceil((width - height) / 2);
    // Nothing is resized at this side: the square is cut out.
    const cut = Uint8Array.from({ length: 3 * height * height }, (_, i) => {
      const row = Math.floor(i / (3 * height));
      return pixels[3 * (row * width + left) + (i % (3 * height))]!;
    });
    assert.equal(square, cut);
    const squeezed = await nodeFiles.decodeImage(path, height, { range, fit: 'squash' });
    assert.not.equal(squeezed, square);
    const padded = await nodeFiles.decodeImage(path, width, { range, fit: 'pad' });
    assert.equal([...padded.subarray(0, 3 * width)], new Array(3 * width).fill(0), 'the first row is black');
  });
});

test.run();
