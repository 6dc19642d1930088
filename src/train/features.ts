import type { Engine } from '../autograd/engine.ts';
import { presets } from '../data/policy.ts';
import type { Encoder } from '../nn/resnet.ts';
import { augment, type Normalisation, pixelScale } from '../ops/augment.ts';
import { ImageBank } from './image_bank.ts';

export interface FeatureOptions {
  readonly pixels: Uint8Array;
  /** Side of the stored images and of what the encoder sees, in pixels. */
  readonly sourceSize: number;
  readonly imageSize: number;
  readonly batch: number;
  /** What the encoder's pixels are brought to. Default `pixelScale`. */
  readonly normalise?: Normalisation | undefined;
}

/** Features of the images at `indices`, in that order: a row of `encoder.featureSize` for each. */
export interface FeatureExtractor {
  (indices: ArrayLike<number>, onProgress?: (done: number, total: number) => void): Promise<Float32Array>;
  /** Gives the program's memory back; it cannot extract afterwards. */
  destroy(): void;
}

/**
 * Compiles the encoder in evaluation mode: images only resized, batch norm on its running statistics, nothing
 * trained. The extractor reads the encoder's weights as they are at each call.
 */
export async function featureExtractor(
  engine: Engine,
  encoder: Encoder,
  { pixels, sourceSize, imageSize, batch, normalise = pixelScale }: FeatureOptions,
): Promise<FeatureExtractor> {
  const bank = new ImageBank(engine, pixels, sourceSize, batch);
  const counter = engine.input([2], 'u32');
  const program = await engine.compile(
    () => {
      const images = augment(bank.images, bank.indices, counter, {
        policy: presets.none,
        sourceSize,
        imageSize,
        normalise,
      });
      return { features: encoder.forward(images) };
    },
    { training: false },
  );
  const extract = async (indices: ArrayLike<number>, onProgress?: (done: number, total: number) => void) => {
    const all = new Float32Array(indices.length * encoder.featureSize);
    for (let start = 0; start < indices.length; start += batch) {
      // The last batch is filled up with its own first image, whose rows are then dropped.
      const chosen = Array.from({ length: batch }, (_, i) => indices[start + i] ?? indices[start]!);
      bank.select(chosen);
      program.run();
      const { features } = await program.read();
      const rows = Math.min(batch, indices.length - start);
      all.set(features.subarray(0, rows * encoder.featureSize), start * encoder.featureSize);
      onProgress?.(start + rows, indices.length);
    }
    return all;
  };
  return Object.assign(extract, { destroy: () => program.destroy() });
}
