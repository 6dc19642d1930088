import { inverseRowNorms, spacedNumbers, unitRows } from '../feature_rows.ts';
import { allRows, innerProducts } from '../linear_algebra.ts';

/**
 * Images of a folder, labelled or not, whose covariance C says which directions of the features are in use. A classifier
 * of rows x that are weighted by it sees the kernel x C xᵀ in place of x xᵀ: directions in which the images differ much
 * may carry much of the answer, and those in which they hardly differ may not. It is the squared kernel of all images,
 * brought to the labelled ones (cluster kernels: Chapelle, Weston and Schölkopf, NIPS 2002), and what a ridge penalty
 * becomes whose prior is C.
 */
export interface Population {
  /** M × `columns`, row-major: rows of length 1 less their mean. */
  readonly rows: Float32Array;
  /** Features of a row. */
  readonly columns: number;
}

/** So many images tell a covariance well enough to weight by, and a feature takes so many products at most. */
const mostRows = 1024;

/**
 * The population of some features.
 * @param features N × columns, row-major; rows of zeros, which stand for images without features, are passed over; of
 *   more than 1,024 others as many are taken, evenly spaced
 * @throws UserError for features that are not finite
 */
export function describePopulation(features: Float32Array, columns: number): Population {
  const norms = inverseRowNorms(features, columns);
  const present = allRows(norms.length).filter((row) => norms[row] !== 0);
  const chosen = spacedNumbers(present.length, mostRows).map((at) => present[at]!);
  const count = chosen.length;
  const rows = unitRows(features, columns, chosen);
  const mean = new Float64Array(columns);
  rows.forEach((value, at) => {
    mean[at % columns]! += value / count;
  });
  return { rows: rows.map((value, at) => value - mean[at % columns]!), columns };
}

/** Rows in coordinates whose inner products are x C xᵀ, and the way back for a classifier of them. */
export interface WeightedRows {
  /** N × `columns`, row-major, on average as long as the rows themselves. */
  readonly features: Float32Array;
  /** Coordinates of a row: one an image of the population. */
  readonly columns: number;
  /** @param weights classes × `columns`, row-major @returns classes × features of the rows themselves */
  weights(weights: Float64Array): Float64Array;
}

/**
 * Weights rows by a population's covariance: a row's coordinates are its inner products with the population's rows.
 * @param rows N × population.columns, row-major
 */
export function alongPopulation(rows: Float32Array, population: Population): WeightedRows {
  const { columns } = population;
  const directions = Float64Array.from(population.rows);
  const count = directions.length / columns;
  const products = new Float64Array((rows.length / columns) * count);
  innerProducts(rows, allRows(rows.length / columns), directions, columns, products);
  const size = squares(products);
  const scale = size > 0 ? Math.sqrt(squares(rows) / size) : 0;
  return {
    features: Float32Array.from(products, (value) => value * scale),
    columns: count,
    weights(weights) {
      const out = new Float64Array((weights.length / count) * columns);
      for (let at = 0; at < weights.length; at++) {
        const [target, source, by] = [
          Math.floor(at / count) * columns,
          (at % count) * columns,
          weights[at]! * scale,
        ];
        for (let j = 0; j < columns; j++) out[target + j]! += by * directions[source + j]!;
      }
      return out;
    },
  };
}

const squares = (values: Float32Array | Float64Array): number => {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum;
};
