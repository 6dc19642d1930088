import type { Engine } from '../autograd/engine.ts';
import type { Tensor } from '../autograd/tensor.ts';
import { pixelWords, uploadImages } from '../ops/augment.ts';

const resident = new WeakMap<Engine, WeakMap<Uint8Array, Tensor>>();

/** One set of pixels lies on the GPU once, however many programs take their batches from it: no run writes to it. */
function residentImages(engine: Engine, pixels: Uint8Array): Tensor {
  const ofEngine = resident.get(engine) ?? new WeakMap<Uint8Array, Tensor>();
  resident.set(engine, ofEngine);
  const images = ofEngine.get(pixels) ?? uploadImages(engine, pixels);
  ofEngine.set(pixels, images);
  return images;
}

/**
 * The images of one training or inference program, as uint8. Sets that fit one GPU buffer lie there whole, and a step
 * uploads nothing but indices; of a larger one, or one that never lies in memory, the host uploads each batch.
 */
export class ImageBank {
  /** RGB bytes, four in each u32, as `augment` takes them. */
  readonly images: Tensor;
  /** u32 [batch]: which of `images` the step takes. */
  readonly indices: Tensor;
  /** u32 [batch]: the numbers of the selected images among all, whose random choices follow them wherever they lie. */
  readonly numbers: Tensor;
  /** Side of the images, in pixels. */
  readonly size: number;
  readonly #engine: Engine;
  readonly #pixels: Uint8Array | undefined;
  readonly #resident: boolean;

  /** @param pixels N·size·size·3 bytes, RGB row by row; without them every batch comes by `upload` */
  constructor(engine: Engine, pixels: Uint8Array | undefined, size: number, batch: number) {
    this.#engine = engine;
    this.#pixels = pixels;
    this.size = size;
    this.#resident = pixels !== undefined && pixels.length <= engine.gpu.capabilities.maxBindingBytes;
    const imageBytes = 3 * size * size;
    this.images =
      pixels && this.#resident
        ? residentImages(engine, pixels)
        : uploadImages(engine, new Uint8Array(batch * imageBytes));
    this.indices = engine.input([batch], 'u32');
    this.numbers = this.#resident ? this.indices : engine.input([batch], 'u32');
    if (!this.#resident)
      engine.write(
        this.indices,
        Uint32Array.from({ length: batch }, (_, i) => i),
      );
  }

  /** Chooses the images of the next run. @throws RangeError where they are not as many as the batch takes */
  select(images: ArrayLike<number>): void {
    if (images.length !== this.indices.size) {
      throw new RangeError(`a batch takes ${this.indices.size} images, not ${images.length}`);
    }
    this.#engine.write(this.numbers, Uint32Array.from(images));
    if (this.#resident) return;
    const bytes = 3 * this.size * this.size;
    const batch = new Uint8Array(images.length * bytes);
    Array.from(images).forEach((image, i) => {
      batch.set(this.#pixels!.subarray(image * bytes, (image + 1) * bytes), i * bytes);
    });
    this.upload(batch);
  }

  /**
   * Takes the pixels of the next run, where they do not lie on the GPU already; runs that were submitted before still
   * see theirs. Fewer images than a batch leave others of earlier runs behind them.
   */
  upload(pixels: Uint8Array): void {
    this.#engine.write(this.images, pixelWords(pixels));
  }

  /** Gives back what no other program uses; the program of this bank cannot run afterwards. */
  destroy(): void {
    this.#engine.free(this.indices);
    if (this.#resident) return;
    this.#engine.free(this.numbers);
    this.#engine.free(this.images);
  }
}
