import type { Engine } from '../autograd/engine.ts';
import { type AugmentationPolicy, augment, pixelScale, uploadImages } from '../ops/augment.ts';
import { presets } from './policy.ts';

/** Square images in memory. */
export interface SquareImages {
  /** Side of the images, in pixels. */
  readonly size: number;
  /** size·size·3 bytes each: RGB, row by row, image after image. */
  readonly pixels: Uint8Array;
}

/** Which views are drawn. */
export interface ViewOptions {
  /** The augmentation that makes the views. */
  readonly policy: AugmentationPolicy;
  /** Side of the views, in pixels. */
  readonly imageSize: number;
  /** Seeds the random choices of the views. */
  readonly seed: number;
}

/**
 * Of each image the original at the views' size, then two views, as training would get them.
 * @returns 3·imageSize·imageSize·3 bytes an image: RGB, row by row
 */
export async function drawViewPairs(
  engine: Engine,
  source: SquareImages,
  { policy, imageSize, seed }: ViewOptions,
): Promise<Uint8Array> {
  const count = source.pixels.length / (3 * source.size ** 2);
  const images = uploadImages(engine, source.pixels);
  const indices = engine.input([count], 'u32', Uint32Array.from(Array(count).keys()));
  const counter = engine.input([2], 'u32', Uint32Array.of(seed, 0));
  const sizes = { sourceSize: source.size, imageSize };
  const views = await engine.compile(() => ({
    original: augment(images, indices, counter, { ...sizes, policy: presets.none }),
    pair: augment(images, indices, counter, { ...sizes, policy, views: 2 }),
  }));
  try {
    views.run();
    const { original, pair } = await views.read();
    const bytes = 3 * imageSize ** 2;
    const drawn = new Uint8Array(3 * count * bytes);
    for (let i = 0; i < count; i++) {
      drawn.set(viewBytes(original, i, imageSize), 3 * i * bytes);
      drawn.set(viewBytes(pair, i, imageSize), (3 * i + 1) * bytes);
      drawn.set(viewBytes(pair, count + i, imageSize), (3 * i + 2) * bytes);
    }
    return drawn;
  } finally {
    views.destroy();
    for (const tensor of [images, indices, counter]) engine.free(tensor);
  }
}

/** One view [S, S, 4] of a batch, as S·S·3 bytes. */
export function viewBytes(views: ArrayLike<number>, view: number, size: number): Uint8Array {
  const bytes = new Uint8ClampedArray(3 * size ** 2);
  const { mean, std } = pixelScale;
  const start = view * 4 * size ** 2;
  for (let i = 0; i < bytes.length; i++) {
    const value = views[start + Math.floor(i / 3) * 4 + (i % 3)]!;
    bytes[i] = 255 * (std * value + mean); // rounds and clamps
  }
  return new Uint8Array(bytes.buffer);
}
