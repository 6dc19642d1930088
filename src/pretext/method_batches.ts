import { named, sentence, UserError } from '../errors.ts';
import type { BatchData, Batches, BatchOptions } from './batches.ts';
import type { PretextMethod } from './method.ts';
import { defaultMethod } from './registry.ts';

/**
 * Which images each step of a method takes.
 * @throws RangeError for fewer images than a batch; UserError for labels of fewer than two classes where the method
 *   learns from labels
 */
export function methodBatches(method: PretextMethod, data: BatchData, options: BatchOptions): Batches {
  const { batch } = options;
  const images = data.images.length;
  if (images < batch) throw new RangeError(`${images} images are fewer than a batch of ${batch}`);
  if (method.learnsFromLabels) requireClasses(method, data);
  return method.batches(data, options);
}

function requireClasses({ name }: PretextMethod, { images, labels }: BatchData): void {
  const known = Array.from(images, (image) => labels[image]!).filter((label) => label >= 0);
  const classes = new Set(known).size;
  if (classes >= 2) return;
  throw new UserError(
    sentence`${named('pretext', name)} learns from the labels of at least two classes, and the training images have ${known.length} labels of ${classes}: give more labels, or take ${named('pretext', defaultMethod)}`,
  );
}
