import { readWeights, type Weights } from '../../../src/encoder/encoder_weights.ts';
import { type Normalisation, perChannel, type Rgb } from '../../../src/ops/augment.ts';
import { weightsFile } from '../weights_fixture.ts';

/** Mean and variance of each channel of pixels from 0 to 1. */
export interface PixelStatistics {
  readonly mean: Rgb;
  readonly variance: Rgb;
}

/** Each channel of a pixel four times; so wide, later layers tell images apart whatever they see. */
const outputs = 12;

/**
 * A small encoder as a file, whose first convolution gives each pixel's channels as they are, and whose first norm has
 * the statistics of such pixels under a normalisation: as if it had been trained on them.
 */
export const fileSeenThrough = (normalise: Normalisation, { mean, variance }: PixelStatistics): Uint8Array =>
  weightsFile({ family: 'cifar-resnet', depth: 20, width: outputs }, (tensors) => {
    const [shift, scale] = [perChannel(normalise.mean), perChannel(normalise.std)];
    // OIHW: the middle of each output's own channel.
    const weight = new Float32Array(outputs * 3 * 9);
    for (let o = 0; o < outputs; o++) weight[(o * 3 + (o % 3)) * 9 + 4] = 1;
    tensors.set('conv1.weight', { dtype: 'F32', shape: [outputs, 3, 3, 3], data: weight });
    const channels = (value: (c: 0 | 1 | 2) => number) =>
      Float32Array.from({ length: outputs }, (_, o) => value((o % 3) as 0 | 1 | 2));
    const set = (part: string, data: Float32Array<ArrayBuffer>) =>
      tensors.set(`bn1.${part}`, { dtype: 'F32', shape: [outputs], data });
    set(
      'running_mean',
      channels((c) => (mean[c] - shift[c]) / scale[c]),
    );
    set(
      'running_var',
      channels((c) => variance[c] / scale[c] ** 2),
    );
  });

/** The same, read. */
export const seenThrough = (normalise: Normalisation, statistics: PixelStatistics): Weights =>
  readWeights(fileSeenThrough(normalise, statistics), 'seen');

/** Mean and variance of each channel of RGB bytes. */
export function statisticsOf(pixels: Uint8Array): PixelStatistics {
  const moments = [0, 1, 2].map((c) => {
    const values = pixels.filter((_, at) => at % 3 === c);
    const mean = values.reduce((sum, value) => sum + value / 255, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value / 255 - mean) ** 2, 0) / values.length;
    return { mean, variance };
  });
  return {
    mean: moments.map((m) => m.mean) as unknown as Rgb,
    variance: moments.map((m) => m.variance) as unknown as Rgb,
  };
}
