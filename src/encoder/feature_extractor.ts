import type { Compiled, Engine } from '../autograd/engine.ts';
import { placeless, type Tensor } from '../autograd/tensor.ts';
import { presets } from '../data/policy.ts';
import type { Encoder } from '../nn/encoder.ts';
import { add } from '../ops/add.ts';
import { type AugmentationPolicy, augment, type Normalisation, pixelScale } from '../ops/augment.ts';
import { scale } from '../ops/scale.ts';
import { batchWithin } from './batch_within.ts';
import { ImageBank } from './image_bank.ts';

/** How images reach an encoder. */
export interface EncodingOptions {
  /** Side of the stored images, in pixels. */
  readonly sourceSize: number;
  /** Side of what the encoder sees, in pixels. */
  readonly imageSize: number;
  /** Images of one run of the program; fewer where the adapter allows no such program (see `encodingBatch`). */
  readonly batch: number;
  /** What the encoder's pixels are brought to. Default `pixelScale`. */
  readonly normalise?: Normalisation | undefined;
  /** Whether features are the mean of those of an image and of its mirror image. Default false. */
  readonly mirror?: boolean | undefined;
}

/** Images to take features of, and how they reach the encoder. */
export interface FeatureOptions extends EncodingOptions {
  /** N·sourceSize·sourceSize·3 bytes, RGB row by row. */
  readonly pixels: Uint8Array;
}

/** A compiled encoder over one set of images. */
export interface FeatureExtractor {
  /**
   * Features of the images at `indices`, in that order: `indices.length` × `encoder.featureSize`, row-major.
   * @param onProgress called after each batch with the images done and all of them; throws to stop
   */
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
  options: FeatureOptions,
): Promise<FeatureExtractor> {
  const { pixels, sourceSize } = options;
  const batch = encodingBatch(engine, encoder, options);
  const bank = new ImageBank(engine, pixels, sourceSize, batch);
  const encoding = await BatchEncoding.create(engine, encoder, bank, options);
  const extract = async (indices: ArrayLike<number>, onProgress?: (done: number, total: number) => void) => {
    const all = new Float32Array(indices.length * encoder.featureSize);
    for (let start = 0; start < indices.length; start += batch) {
      // The last batch is filled up with its own first image, whose rows are then dropped.
      bank.select(Array.from({ length: batch }, (_, i) => indices[start + i] ?? indices[start]!));
      const rows = Math.min(batch, indices.length - start);
      await encoding.run((features) => {
        all.set(features.subarray(0, rows * encoder.featureSize), start * encoder.featureSize);
        onProgress?.(start + rows, indices.length);
      });
    }
    await encoding.settle();
    return all;
  };
  return Object.assign(extract, { destroy: () => encoding.destroy() });
}

/** Images that pass through an encoder at once: as many as the options say, or fewer, as the adapter allows. */
export function encodingBatch(engine: Engine, encoder: Encoder, options: EncodingOptions): number {
  const words = Math.ceil((3 * options.sourceSize ** 2) / 4);
  const record = (batch: number) => {
    const [images, indices, counter] = [words, batch, 2].map((size) => placeless([size], 'u32'));
    return recordFeatures(encoder, { images: images!, indices: indices!, counter: counter! }, options);
  };
  return batchWithin(engine, options.batch, record, { training: false, more: (batch) => 4 * words * batch });
}

/** Records an encoder's features of images that are only resized, and where asked the mean with their mirror images'. */
function recordFeatures(
  encoder: Encoder,
  { images, indices, counter }: { images: Tensor; indices: Tensor; counter: Tensor },
  { sourceSize, imageSize, normalise = pixelScale, mirror = false }: Omit<EncodingOptions, 'batch'>,
): { features: Tensor } {
  const featuresOf = (policy: AugmentationPolicy) =>
    encoder.forward(augment(images, indices, counter, { policy, sourceSize, imageSize, normalise }));
  const features = featuresOf(presets.none);
  if (!mirror) return { features };
  return { features: scale(add(features, featuresOf({ ...presets.none, flip: 1 })), 0.5) };
}

/** Batches of a bank through an encoder: while the GPU works on one, the host prepares the next. */
export class BatchEncoding {
  readonly #program: Compiled<{ features: Tensor }>;
  readonly #release: () => void;
  #running: Promise<void> = Promise.resolve();

  private constructor(program: Compiled<{ features: Tensor }>, release: () => void) {
    this.#program = program;
    this.#release = release;
  }

  /** Compiles the encoder in evaluation mode over the bank's batches. @param bank is the encoding's from here on */
  static async create(
    engine: Engine,
    encoder: Encoder,
    bank: ImageBank,
    options: Omit<EncodingOptions, 'batch'>,
  ): Promise<BatchEncoding> {
    const counter = engine.input([2], 'u32');
    const taken = { images: bank.images, indices: bank.indices, counter };
    const record = () => recordFeatures(encoder, taken, options);
    const program = await engine.compile(record, { training: false });
    return new BatchEncoding(program, () => {
      program.destroy();
      bank.destroy();
      engine.free(counter);
    });
  }

  /**
   * Submits the bank's batch, waits until the batch before has come back, and lets its own features come to `receive`
   * later: no more than two batches are under way. Where `receive` gives a promise, the batch is under way until it is kept.
   */
  async run(receive: (features: Float32Array) => unknown): Promise<void> {
    const before = this.#running;
    this.#program.run();
    const running = this.#program.read().then(async ({ features }) => {
      await receive(features as Float32Array);
    });
    // An error is thrown where the batch is waited for.
    running.catch(() => {});
    this.#running = running;
    await before;
  }

  /** Waits until the last batch has come back. */
  async settle(): Promise<void> {
    await this.#running;
  }

  /** Gives the memory back, the bank's too; nothing can run afterwards. */
  destroy(): void {
    this.#release();
  }
}
