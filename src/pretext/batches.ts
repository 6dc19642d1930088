import { Random, shuffledIndices, streams } from '../random.ts';

/** Images to train on, and what of their labels may be used. */
export interface BatchData {
  /** Images to train on, by their places among the stored ones. */
  readonly images: Int32Array;
  /** One class a stored image, −1 unknown. */
  readonly labels: Int32Array;
}

/** What batches are drawn by. */
export interface BatchOptions {
  /** Images of a step, no more than there are. */
  readonly batch: number;
  /** What the shuffles are drawn from. */
  readonly seed: number;
}

/** Which images each step takes, as a function of seed and step alone. No batch holds an image twice. */
export class Batches {
  /** Images of a batch. */
  readonly size: number;
  /**
   * An epoch is as many images as there are to train on, wherever the method draws them from: equally many epochs cost
   * every method the same.
   */
  readonly stepsPerEpoch: number;
  readonly #passes: readonly Pass[];

  /**
   * @param passes what a batch is put together from; no image is in two of them
   * @param images how many there are to train on
   */
  constructor(passes: readonly Pass[], images: number) {
    this.#passes = passes;
    this.size = passes.reduce((sum, { count }) => sum + count, 0);
    this.stepsPerEpoch = Math.floor(images / this.size);
  }

  /** The images of a step, counted from 0 over the whole run. */
  at(step: number): number[] {
    return this.#passes.flatMap((pass) => pass.at(step));
  }
}

/** So many images a step from one set, shuffled anew for each pass over it; what does not fill a step is left out. */
export class Pass {
  /** Images of a step that come from this set. */
  readonly count: number;
  readonly #images: Int32Array;
  readonly #seed: number;
  readonly #stream: number;
  #order: { readonly pass: number; readonly places: Uint32Array } | undefined;

  /** @param stream of `streams`: the shuffle of pass p is that of stream + p */
  constructor(images: Int32Array, count: number, seed: number, stream: number) {
    this.#images = images;
    this.count = count;
    this.#seed = seed;
    this.#stream = stream;
  }

  /** The images of a step, counted from 0 over the whole run. */
  at(step: number): number[] {
    if (this.count === 0) return [];
    const steps = Math.floor(this.#images.length / this.count);
    const pass = Math.floor(step / steps);
    if (this.#order?.pass !== pass) {
      const random = new Random(this.#seed, this.#stream + pass);
      this.#order = { pass, places: shuffledIndices(this.#images.length, random) };
    }
    const start = (step % steps) * this.count;
    const places = this.#order.places.subarray(start, start + this.count);
    return Array.from(places, (place) => this.#images[place]!);
  }
}

/** Passes over all images, one an epoch. */
export function allImages({ images }: BatchData, { batch, seed }: BatchOptions): Batches {
  return new Batches([new Pass(images, batch, seed, streams.epochs)], images.length);
}

/** Passes over the labelled images again and again, in smaller batches where they do not fill one. */
export function labelledImages(data: BatchData, { batch, seed }: BatchOptions): Batches {
  const { labelled } = byLabel(data);
  const pass = new Pass(labelled, Math.min(batch, labelled.length), seed, streams.epochs);
  return new Batches([pass], data.images.length);
}

/**
 * A share of each batch is labelled images (as many as there are, where they are fewer; their share of all images,
 * where that is more), passed over in a shuffle of their own and more often than the rest.
 */
export function partlyLabelled(data: BatchData, { batch, seed }: BatchOptions, share: number): Batches {
  const { labelled, others } = byLabel(data);
  const images = data.images.length;
  const least = Math.max(1, Math.floor(share * batch));
  // What is left for the others is no more than there are of them.
  const count = Math.max(Math.min(least, labelled.length), Math.floor((batch * labelled.length) / images));
  return new Batches(
    [
      new Pass(labelled, count, seed, streams.labelledBatches),
      new Pass(others, batch - count, seed, streams.epochs),
    ],
    images,
  );
}

function byLabel({ images, labels }: BatchData): { labelled: Int32Array; others: Int32Array } {
  return {
    labelled: images.filter((image) => labels[image]! >= 0),
    others: images.filter((image) => labels[image]! < 0),
  };
}
