import { UserError } from '../errors.ts';
import { Random, shuffledIndices, streams } from '../random.ts';
import { learnsFromLabels, type PretextMethod } from './pretext_method.ts';

/** Images to train on, and what of their labels may be used. */
export interface BatchData {
  readonly images: Int32Array;
  /** One class a stored image, −1 unknown. */
  readonly labels: Int32Array;
}

/** Share of a `mixed` batch that is labelled images, where they are rarer among all. */
const labelledShare = 1 / 4;

/**
 * Which images each step takes, as a function of seed and step alone. `simclr` passes over all images; `supcon` over the
 * labelled ones again and again, in smaller batches where they do not fill one. A quarter of each `mixed` batch is
 * labelled images (as many as there are, where they are fewer; their share of all images, where that is more), passed
 * over likewise and more often than the rest. No batch holds an image twice.
 */
export class Batches {
  /** Images of a batch: as asked for, or as many as there are labelled ones for `supcon`. */
  readonly size: number;
  /**
   * An epoch is as many images as there are to train on, wherever the method draws them from: equally many epochs cost
   * every method the same.
   */
  readonly stepsPerEpoch: number;
  readonly #passes: readonly Pass[];

  /**
   * @throws RangeError for fewer images than a batch; UserError for labels of fewer than two classes where the method
   *   learns from labels
   */
  constructor(
    { images, labels }: BatchData,
    { method, batch, seed }: { method: PretextMethod; batch: number; seed: number },
  ) {
    if (images.length < batch)
      throw new RangeError(`${images.length} images are fewer than a batch of ${batch}`);
    requireLabels(method, { images, labels });
    const isLabelled = (image: number) => labels[image]! >= 0;
    const labelled = images.filter(isLabelled);
    const pass = (from: Int32Array, count: number, stream: number) => new Pass(from, count, seed, stream);
    if (method === 'simclr') this.#passes = [pass(images, batch, streams.epochs)];
    else if (method === 'supcon')
      this.#passes = [pass(labelled, Math.min(batch, labelled.length), streams.epochs)];
    else {
      const count = labelledOfBatch(labelled.length, images.length, batch);
      const others = images.filter((image) => !isLabelled(image));
      this.#passes = [
        pass(labelled, count, streams.labelledBatches),
        pass(others, batch - count, streams.epochs),
      ];
    }
    this.size = this.#passes.reduce((sum, { count }) => sum + count, 0);
    this.stepsPerEpoch = Math.floor(images.length / this.size);
  }

  /** The images of a step, counted from 0 over the whole run. */
  at(step: number): number[] {
    return this.#passes.flatMap((pass) => pass.at(step));
  }
}

/** Labelled images of a mixed batch. What is left for the others is no more than there are of them. */
function labelledOfBatch(labelled: number, images: number, batch: number): number {
  const least = Math.max(1, Math.floor(labelledShare * batch));
  return Math.max(Math.min(least, labelled), Math.floor((batch * labelled) / images));
}

/** So many images a step from one set, shuffled anew for each pass over it; what does not fill a step is left out. */
class Pass {
  readonly count: number;
  readonly #images: Int32Array;
  readonly #seed: number;
  readonly #stream: number;
  #order: { readonly pass: number; readonly places: Uint32Array } | undefined;

  constructor(images: Int32Array, count: number, seed: number, stream: number) {
    this.#images = images;
    this.count = count;
    this.#seed = seed;
    this.#stream = stream;
  }

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

/** @throws UserError for labels of fewer than two classes where the method learns from labels */
function requireLabels(method: PretextMethod, { images, labels }: BatchData): void {
  if (!learnsFromLabels(method)) return;
  const known = Array.from(images, (image) => labels[image]!).filter((label) => label >= 0);
  const classes = new Set(known).size;
  if (classes >= 2) return;
  throw new UserError(
    `--method ${method} learns from the labels of at least two classes, and the training images have ${known.length} labels of ${classes}: give more labels, or take --method simclr`,
  );
}
