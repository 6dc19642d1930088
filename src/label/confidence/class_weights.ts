/** A class counts at most so many times as much, or so many times less, than its labels alone say. */
const limit = 4;

/** How many images of the population each labelled one stands for. */
export interface ClassWeights {
  /** Of each labelled image, 1 on average over what these count. */
  readonly weights: Float64Array;
  /** Classes whose weight the limit changed, ascending: the population's error is not that of the weighted labels. */
  readonly limited: readonly number[];
}

/**
 * How many images of the population each labelled one stands for. Labels chosen class by class are not the population:
 * a class with a tenth of the labels and half of the images counts five-fold. The weight is the class's share of
 * the population over its share among the given labels, held within 1/4 … 4, so that neither one rare label
 * nor a class that the population seems to lack decides alone, and then scaled to a mean of 1.
 * @param given classes of the labelled images; one of −1 is not known, and weighs as much as its labels alone say
 * @param shares of the classes in the population, as `classShares` estimates them
 * @param counts what each labelled image counts among them; 1 for all by default
 */
export function classWeights(
  given: Int32Array,
  shares: ArrayLike<number>,
  counts: Float64Array = new Float64Array(given.length).fill(1),
): ClassWeights {
  const labelled = labelledShares(given, shares.length, counts);
  const ratios = labelled.map((own, label) => shares[label]! / own);
  const held = ratios.map((ratio) => Math.min(limit, Math.max(1 / limit, ratio)));
  const limited = [...held.keys()].filter((label) => labelled[label]! > 0 && held[label] !== ratios[label]);
  const weights = Float64Array.from(given, (label) => (label < 0 ? 1 : held[label]!));
  const all = counts.reduce((sum, own) => sum + own, 0);
  const mean = weights.reduce((sum, weight, row) => sum + weight * counts[row]!, 0) / all;
  return { weights: weights.map((weight) => weight / mean), limited };
}

/** The share of each class among the labelled images whose class is known. */
export function labelledShares(given: Int32Array, classes: number, counts: Float64Array): Float64Array {
  const labelled = new Float64Array(classes);
  given.forEach((label, row) => {
    if (label >= 0) labelled[label]! += counts[row]!;
  });
  const known = labelled.reduce((sum, value) => sum + value, 0);
  return labelled.map((count) => count / known);
}
