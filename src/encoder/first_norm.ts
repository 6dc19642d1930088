import { architectureOf } from '../nn/family_registry.ts';
import { type Normalisation, perChannel } from '../ops/augment.ts';
import { Random, streams } from '../random.ts';
import type { Weights } from './encoder_weights.ts';

/** Squares of pixels as an encoder's recipe cuts them. */
export interface Squares {
  /** N·size·size·3 bytes, RGB row by row. */
  readonly pixels: Uint8Array;
  /** Side of each, in pixels. */
  readonly size: number;
}

/** Places looked at, over all images: the mean of so many is known to a fortieth of a deviation. */
const places = 2048;

/**
 * How unlike its training images some images look to an encoder's first norm, for each of some normalisations of their
 * pixels. The norm's running statistics are those of the first convolution over the training images; those of the same
 * convolution over these images are near them only where pixels are normalised as they were in training. Compared are
 * two normal distributions, by the divergence of Kullback and Leibler of what is seen from what is stored: 0 where they
 * are the same; the median over the channels, in nats. Needs no label and no GPU.
 * @param seed chooses the places that are looked at
 * @returns a misfit for each normalisation; undefined where the norm has never seen an image, and for
 *   encoders that do not begin with a convolution and its batch norm
 */
export function firstNormMisfits(
  { encoder, tensors }: Pick<Weights, 'encoder' | 'tensors'>,
  { pixels, size }: Squares,
  normalisations: readonly Normalisation[],
  seed: number,
): number[] | undefined {
  const [convolution, norm] = architectureOf(encoder).blocks;
  if (convolution?.kind !== 'convolution' || norm?.kind !== 'batchNorm') return undefined;
  const { kernel, stride, pad, outputs } = convolution;
  const weight = tensors.get(`${convolution.name}.weight`)!;
  const means = tensors.get(`${norm.name}.running_mean`)!;
  const variances = tensors.get(`${norm.name}.running_var`)!;
  if (means.every((value) => value === 0) && variances.every((value) => value === 1)) return undefined;
  const images = pixels.length / (3 * size * size);
  const steps = Math.floor((size + 2 * pad - kernel) / stride) + 1;
  const random = new Random(seed, streams.recipes);
  const corners = Array.from({ length: places }, () => ({
    image: random.integer(images),
    top: stride * random.integer(steps) - pad,
    left: stride * random.integer(steps) - pad,
  }));
  return normalisations.map(({ mean, std }) => {
    const [shift, scale] = [perChannel(mean), perChannel(std)];
    const sums = new Float64Array(outputs);
    const squares = new Float64Array(outputs);
    const seen = new Float64Array(outputs);
    for (const { image, top, left } of corners) {
      seen.fill(0);
      for (let tap = 0; tap < kernel * kernel; tap++) {
        const [y, x] = [top + Math.floor(tap / kernel), left + (tap % kernel)];
        if (y < 0 || x < 0 || y >= size || x >= size) continue;
        for (let c = 0; c < 3; c++) {
          const value = (pixels[3 * ((image * size + y) * size + x) + c]! / 255 - shift[c]!) / scale[c]!;
          const row = (3 * tap + c) * outputs;
          for (let o = 0; o < outputs; o++) seen[o]! += weight[row + o]! * value;
        }
      }
      seen.forEach((value, o) => {
        sums[o]! += value;
        squares[o]! += value * value;
      });
    }
    const divergences = Array.from(sums, (sum, o) => {
      const m = sum / places;
      const variance = squares[o]! / places - m * m + norm.epsilon;
      const stored = variances[o]! + norm.epsilon;
      return ((variance + (m - means[o]!) ** 2) / stored - 1 - Math.log(variance / stored)) / 2;
    });
    return median(divergences);
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
