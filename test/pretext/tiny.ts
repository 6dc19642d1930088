import { presets } from '../../src/data/policy.ts';
import type { PretrainData, PretrainOptions } from '../../src/pretext/options.ts';
import { Random } from '../../src/random.ts';

/** Side of the images that these tests train on, in pixels. */
export const side = 8;

/**
 * Images of two classes in turn, lying and standing stripes two pixels wide, of chance phase and colours, with noise;
 * none of which tells a pixel's mean colour from the other class's.
 */
export function stripes(count: number, seed = 0): { pixels: Uint8Array; labels: Int32Array } {
  const pixels = new Uint8Array(count * side * side * 3);
  const labels = Int32Array.from({ length: count }, (_, image) => image % 2);
  for (let image = 0; image < count; image++) {
    const random = new Random(seed, image);
    const phase = random.integer(4);
    const colour = [0, 1, 2].map(() => random.integer(100));
    for (let pixel = 0; pixel < side * side; pixel++) {
      const along = labels[image] === 0 ? Math.floor(pixel / side) : pixel % side;
      const bright = Math.floor((along + phase) / 2) % 2;
      const rgb = colour.map((value) => value + 130 * bright + random.integer(20));
      pixels.set(rgb, 3 * (image * side * side + pixel));
    }
  }
  return { pixels, labels };
}

/** Training images whose labels are all known to the monitor. */
export function tinyData(count = 20): PretrainData {
  const { pixels, labels } = stripes(count);
  return { pixels, size: side, images: Int32Array.from({ length: count }, (_, i) => i), labels, classes: 2 };
}

/** A ResNet-18 of width 2 for three epochs of five steps. */
export const tinyOptions: PretrainOptions = {
  encoder: { depth: 18, width: 2, stem: 'cifar' },
  projection: [16, 8],
  batch: 4,
  imageSize: side,
  temperature: 0.5,
  policy: presets['simclr-cifar'],
  optimizer: { name: 'sgd', momentum: 0.9, weightDecay: 1e-4 },
  seed: 3,
  epochs: 3,
  learningRate: 0.05,
  warmupEpochs: 1,
};

/** Aborts once it was looked at `steps` times; `pretrain` looks once before each step. */
export function stopAfter(steps: number): AbortSignal {
  let looks = 0;
  return {
    get aborted() {
      return looks++ >= steps;
    },
  } as AbortSignal;
}
