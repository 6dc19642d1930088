import { named, sentence, UserError } from '../../errors.ts';
import { Random, streams } from '../../random.ts';
import type { Labels } from '../sources/image_stream.ts';

/**
 * Keeps some labels of each class, chosen at random, and hides the others (−1), so that predictions for these can be
 * scored against the truth. Labels of `test` images are all hidden. With the same seed, fewer of a class are a subset of
 * more.
 * @param perClass labels to keep of each class
 * @throws UserError where N is not a positive whole number or a class has fewer
 */
export function hideLabels(truth: Labels, perClass: number, seed: number): Labels {
  if (!Number.isInteger(perClass) || perClass < 1) {
    throw new UserError(sentence`${named('labelsPerClass', perClass)}: give a whole number of at least 1`);
  }
  const members = membersByClass(truth);
  const labels = new Int32Array(truth.labels.length).fill(-1);
  members.forEach((images, number) => {
    if (images.length < perClass) {
      throw new UserError(
        sentence`class '${truth.classes[number]!}' has ${images.length} labelled training images, fewer than ${named('labelsPerClass', perClass)}: lower it, or raise ${named('limit')} if you gave one`,
      );
    }
    // A stream for each class: the choice within one does not depend on the size of the others.
    const chosen = new Random(seed, streams.labels + number).shuffle(images).slice(0, perClass);
    for (const image of chosen) labels[image] = number;
  });
  return { ...truth, labels };
}

/** Numbers of the labelled training images of each class, ascending. */
export function membersByClass({ classes, labels, partition }: Labels): number[][] {
  const members: number[][] = classes.map(() => []);
  labels.forEach((label, image) => {
    if (label >= 0 && partition?.[image] !== 'test') members[label]!.push(image);
  });
  return members;
}
