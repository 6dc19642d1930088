import type { RawImage, Samples } from './raw_image.ts';

/**
 * Which numbers of an image are shown black and white, where they are not bytes already. `stated`: a file that says so
 * itself is shown as it says.
 */
export interface SampleRange {
  readonly low: number;
  readonly high: number;
  readonly stated: 'followed' | 'ignored';
}

/** An image as the screen shows it. */
export interface ScreenImage {
  readonly width: number;
  readonly height: number;
  /** width·height·3 bytes: RGB, row by row. */
  readonly pixels: Uint8Array;
}

/**
 * Brings an image's numbers to bytes, straight between the ends of a range and cut beyond them, and what is not opaque
 * over white. Bytes stay as they are, unless the file itself states a range.
 * @param range undefined: each image from its own least to its own greatest number, or as it says
 */
export function toScreen(image: RawImage, range: SampleRange | undefined): ScreenImage {
  const { width, height, channels, samples, inverted = false } = image;
  const [low, high] = endsOf(image, range);
  const levels = levelsOf(samples, low, high, inverted);
  const opaque = largestNumber(samples);
  const pixels = new Uint8Array(3 * width * height);
  for (let pixel = 0, from = 0; pixel < width * height; pixel++, from += channels) {
    const to = 3 * pixel;
    for (let c = 0; c < 3; c++) pixels[to + c] = levels[channels === 1 ? from : from + c]!;
    if (channels !== 4) continue;
    const alpha = Math.max(0, Math.min(1, samples[from + 3]! / opaque));
    for (let c = 0; c < 3; c++) pixels[to + c] = Math.round(255 - (255 - pixels[to + c]!) * alpha);
  }
  return { width, height, pixels };
}

/** Whether a range that is not the file's own can change how an image is shown. */
export const isDeep = ({ samples }: Pick<RawImage, 'samples'>): boolean => !(samples instanceof Uint8Array);

function endsOf(image: RawImage, range: SampleRange | undefined): readonly [number, number] {
  const { range: own } = image;
  if (!isDeep(image)) return own ?? [0, 255];
  if (own && range?.stated !== 'ignored') return own;
  return range ? [range.low, range.high] : extremesOf(image);
}

/** The least and the greatest number of an image, of its colours alone; [0, 1] where there is none. */
export function extremesOf({ samples, channels }: RawImage): [number, number] {
  let least = Infinity;
  let greatest = -Infinity;
  for (let i = 0; i < samples.length; i++) {
    const value = samples[i]!;
    if ((channels === 4 && i % 4 === 3) || !Number.isFinite(value)) continue;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  return least <= greatest ? [least, greatest] : [0, 1];
}

/** What stands for an opaque pixel, as TIFF and PNG have it. */
function largestNumber(samples: Samples): number {
  if (samples instanceof Float32Array) return 1;
  const bits = 8 * samples.BYTES_PER_ELEMENT;
  const isSigned = samples instanceof Int16Array || samples instanceof Int32Array;
  return 2 ** (isSigned ? bits - 1 : bits) - 1;
}

function levelsOf(samples: Samples, low: number, high: number, inverted: boolean): Uint8ClampedArray {
  const [from, to] = inverted ? [high, low] : [low, high];
  // Where both ends are one number, the number itself is black and whatever lies above it white.
  const scale = 255 / (to - from || Number.EPSILON);
  const levels = new Uint8ClampedArray(samples.length);
  if (samples.BYTES_PER_ELEMENT > 2) {
    for (let i = 0; i < samples.length; i++) levels[i] = (samples[i]! - from) * scale;
    return levels;
  }
  const offset = samples instanceof Int16Array ? 32768 : 0;
  const length = 256 ** samples.BYTES_PER_ELEMENT;
  const table = Uint8ClampedArray.from({ length }, (_, i) => (i - offset - from) * scale);
  for (let i = 0; i < samples.length; i++) levels[i] = table[samples[i]! + offset]!;
  return levels;
}
