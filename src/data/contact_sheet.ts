import type { Engine } from '../autograd/engine.ts';
import { UserError } from '../errors.ts';
import { type AugmentationPolicy, augment, uploadImages } from '../ops/augment.ts';
import { presets } from './policy.ts';
import { viewBytes } from './view_pairs.ts';

/** White lines between the images of a group, and between groups, in sheet pixels. */
const gap = 4;
const groupGap = 12;

/** Images smaller than this on the sheet are hard to judge, so small ones are shown enlarged, pixel by pixel. */
const smallestCell = 64;

/** A picture in memory. */
export interface Picture {
  /** Pixels in a row. */
  readonly width: number;
  /** Rows of pixels. */
  readonly height: number;
  /** width·height·3 bytes: RGB, row by row. */
  readonly pixels: Uint8Array;
}

/**
 * Draws images in rows. A row is a list of groups, such as an image and then pairs of its views.
 * @param rows of groups of RGB images of `size`·`size`·3 bytes; rows may differ in length
 */
export function contactSheet(rows: readonly (readonly (readonly Uint8Array[])[])[], size: number): Picture {
  const zoom = Math.ceil(smallestCell / size);
  const pitch = size * zoom + gap;
  const placed = rows.map((row) => place(row, pitch));
  const width = Math.max(gap, ...placed.map((row) => row.width));
  const height = rows.length * pitch + gap;
  const sheet = { width, height, pixels: new Uint8Array(3 * width * height).fill(255) };
  placed.forEach(({ images }, y) => {
    for (const { image, left } of images) draw(image, size, zoom, sheet, left, y * pitch + gap);
  });
  return sheet;
}

function place(groups: readonly (readonly Uint8Array[])[], pitch: number) {
  const images: { image: Uint8Array; left: number }[] = [];
  let left = gap;
  groups.forEach((group, number) => {
    if (number > 0) left += groupGap - gap;
    for (const image of group) {
      images.push({ image, left });
      left += pitch;
    }
  });
  return { images, width: left };
}

function draw(
  image: Uint8Array,
  size: number,
  zoom: number,
  sheet: Picture,
  left: number,
  top: number,
): void {
  for (let y = 0; y < size * zoom; y++) {
    for (let x = 0; x < size * zoom; x++) {
      const from = (Math.floor(y / zoom) * size + Math.floor(x / zoom)) * 3;
      sheet.pixels.set(image.subarray(from, from + 3), ((top + y) * sheet.width + left + x) * 3);
    }
  }
}

/** Square images in memory to show. */
export interface ShownImages {
  /** What they are called in messages. */
  readonly name: string;
  /** Side of the images, in pixels. */
  readonly size: number;
  /** size·size·3 bytes each: RGB, row by row, image after image. */
  readonly pixels: Uint8Array;
}

/** How `pairsSheet` shows a policy. */
export interface PairsOptions {
  /** The augmentation that makes the views. */
  readonly policy: AugmentationPolicy;
  /** Side of the views, in pixels. */
  readonly imageSize: number;
  /** Rows: images spread evenly over the set; all where there are fewer. */
  readonly count: number;
  /** Seeds the random choices of the views. */
  readonly seed: number;
  /** Pairs of views in each row. Default 2. */
  readonly pairs?: number;
}

/**
 * Shows a policy: each row an image at the views' size, then pairs of its views as training would get them.
 * @throws UserError where there is no image or no row is asked for
 */
export async function pairsSheet(
  engine: Engine,
  source: ShownImages,
  options: PairsOptions,
): Promise<Picture> {
  const { policy, imageSize, seed, pairs = 2 } = options;
  const count = Math.min(options.count, countImages(source));
  if (!(count >= 1)) throw new UserError(`${source.name}: there is no image to show; ask for at least one`);
  const images = uploadImages(engine, spread(source, count));
  const indices = engine.input(
    [count],
    'u32',
    Uint32Array.from({ length: count }, (_, i) => i),
  );
  const counter = engine.input([2], 'u32');
  const sizes = { sourceSize: source.size, imageSize };
  const views = await engine.compile(() => ({
    original: augment(images, indices, counter, { ...sizes, policy: presets.none }),
    pair: augment(images, indices, counter, { ...sizes, policy, views: 2 }),
  }));
  const rows: Uint8Array[][][] = Array.from({ length: count }, () => []);
  for (let step = 0; step < pairs; step++) {
    engine.write(counter, Uint32Array.of(seed, step));
    views.run();
    const { original, pair } = await views.read();
    rows.forEach((row, i) => {
      if (step === 0) row.push([viewBytes(original, i, imageSize)]);
      row.push([viewBytes(pair, i, imageSize), viewBytes(pair, count + i, imageSize)]);
    });
  }
  views.program.destroy();
  return contactSheet(rows, imageSize);
}

const countImages = ({ pixels, size }: ShownImages): number => pixels.length / (3 * size ** 2);

/** The pixels of `count` images, evenly spread over all: folders and classes often lie one after another. */
function spread(source: ShownImages, count: number): Uint8Array {
  const bytes = 3 * source.size ** 2;
  const all = countImages(source);
  const pixels = new Uint8Array(count * bytes);
  for (let i = 0; i < count; i++) {
    const image = Math.floor((i * all) / count);
    pixels.set(source.pixels.subarray(image * bytes, (image + 1) * bytes), i * bytes);
  }
  return pixels;
}
