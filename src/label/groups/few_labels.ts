import { labelledSet } from '../task.ts';

const nothingChecked = 'no confidence is calibrated and nothing was labelled automatically';

/** How many different observations there are among the labels of each class: copies, and images of one group, are one. */
export function observationsOfClasses(
  given: Int32Array,
  observations: ArrayLike<number>,
  classes: number,
): number[] {
  const ofClass = Array.from({ length: classes }, () => new Set<number>());
  const { images, labels } = labelledSet(given);
  images.forEach((image, at) => {
    ofClass[labels[at]!]!.add(observations[image]!);
  });
  return ofClass.map(({ size }) => size);
}

/**
 * Says why labels do not suffice for folds, and which ones would: there are too few, or too many of them are of images
 * that count as one.
 * @param classes name of each class, with its labels and with the observations among them
 * @param groupsFrom where groups of images come from, in words; null where only copies count as one
 */
export function fewLabelsWarning(
  classes: readonly { readonly name: string; readonly labels: number; readonly observations: number }[],
  groupsFrom: string | null,
): string {
  const one =
    groupsFrom === null
      ? 'copies of one image'
      : `copies of one image, and images of one group (${groupsFrom}),`;
  const twice = (count: (row: (typeof classes)[number]) => number) =>
    classes.filter((row) => count(row) >= 2).length >= 2;
  if (!twice(({ labels }) => labels)) {
    const apart = groupsFrom === null ? '' : ` from different groups (${groupsFrom})`;
    return `There are too few labels to check predictions against: ${nothingChecked}. Give at least two labels${apart} for each of two classes.`;
  }
  const apart = groupsFrom === null ? 'that are no copies of one another' : 'of different groups';
  if (twice(({ observations }) => observations))
    return `The labels cannot check predictions: ${one} count once, and where some are held out the others are of a single class. So ${nothingChecked}. Label further images ${apart}, of each class.`;
  const left = classes
    .filter(({ labels }) => labels >= 2)
    .slice(0, 5)
    .map(({ name, labels, observations }) => `${observations} of the ${labels} labels of '${name}'`);
  return `The labels are of too few different images to check predictions against: ${one} count once, which leaves ${left.join(', ')}. So ${nothingChecked}. Label images ${apart}: at least two of each of two classes.`;
}
