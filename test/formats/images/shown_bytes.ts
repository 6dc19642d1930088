import type { RawImage } from '../../../src/formats/images/raw_image.ts';

/**
 * An image as the 8 bits of a screen: by its own range, else by the smallest and the largest value; bytes without a range
 * as they are.
 */
export function shownBytes({ samples, range, inverted, channels }: RawImage): Uint8Array {
  const isBytes = samples instanceof Uint8Array && range === undefined;
  const [low, high] = range ?? (isBytes ? [0, 255] : extremes(samples));
  return Uint8Array.from(samples, (value, i) => {
    if (channels === 4 && i % 4 === 3) return value;
    const part = Math.max(0, Math.min(1, (value - low) / (high - low)));
    return Math.round(255 * (inverted ? 1 - part : part));
  });
}

function extremes(samples: ArrayLike<number>): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < samples.length; i++) {
    low = Math.min(low, samples[i]!);
    high = Math.max(high, samples[i]!);
  }
  return [low, high];
}
