/** A class counts at most so many times as much, or so many times less, than its labels alone say. */
const limit = 4;

/**
 * How many images of the population each labelled one stands for. Labels chosen class by class are not the population:
 * a class with a tenth of the labels and half of the images counts five-fold. The weight is the class's share among the
 * predicted labels of the rest over its share among the given ones, held within 1/4 … 4, so that neither one rare label
 * nor a class that the predictions forget decides alone, and then scaled to a mean of 1.
 * @param given classes of the labelled images, none −1
 * @param predicted predicted classes of the other images
 * @returns the weight of each labelled image; all 1 where there are no other images
 */
export function classWeights(given: Int32Array, predicted: Int32Array, classes: number): Float64Array {
  if (predicted.length === 0) return new Float64Array(given.length).fill(1);
  const count = (labels: Int32Array) => {
    const counts = new Float64Array(classes);
    for (const label of labels) counts[label]!++;
    return counts;
  };
  const labelled = count(given);
  const population = count(predicted);
  const weights = Float64Array.from(given, (label) => {
    const ratio = population[label]! / predicted.length / (labelled[label]! / given.length);
    return Math.min(limit, Math.max(1 / limit, ratio));
  });
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
  return weights.map((weight) => weight / mean);
}
