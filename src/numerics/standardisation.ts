import type { LinearHead } from './linear_head.ts';

/** x̂ = (x − mean) · inverseStd, column by column. */
export interface Standardisation {
  /** Mean of each column. */
  readonly mean: Float64Array;
  /** 1/standard deviation, of each column or of all; 0 where all features are alike. */
  readonly inverseStd: Float64Array;
}

/**
 * Means and 1/standard deviations over the rows. A deviation counts as at least a tenth of the columns' root mean
 * square deviation: a unit that happens to be silent in a few labelled rows would else be blown up in all others.
 * It also counts as at least 1e-6 of the features' size, float32's own noise.
 * @param features N × columns, row-major
 * @param deviation of each column its own, or the columns' root mean square deviation for all of them
 */
export function standardise(
  features: Float32Array,
  columns: number,
  rows: Int32Array,
  deviation: 'each' | 'common' = 'each',
): Standardisation {
  const mean = new Float64Array(columns);
  const variance = new Float64Array(columns);
  for (const row of rows) {
    for (let j = 0; j < columns; j++) mean[j]! += features[row * columns + j]! / rows.length;
  }
  for (const row of rows) {
    for (let j = 0; j < columns; j++) {
      variance[j]! += (features[row * columns + j]! - mean[j]!) ** 2 / rows.length;
    }
  }
  const spread = variance.reduce((sum, value) => sum + value, 0) / columns;
  const size = spread + mean.reduce((sum, value) => sum + value * value, 0) / columns;
  const least = Math.max(0.01 * spread, 1e-12 * size);
  return {
    mean,
    inverseStd: variance.map((value) =>
      least > 0 ? 1 / Math.sqrt(Math.max(deviation === 'each' ? value : spread, least)) : 0,
    ),
  };
}

/**
 * Some rows standardised, in float32.
 * @param features N × columns, row-major
 */
export function standardisedRows(
  features: Float32Array,
  columns: number,
  rows: Int32Array,
  { mean, inverseStd }: Standardisation,
): Float32Array {
  const scaled = new Float32Array(rows.length * columns);
  rows.forEach((row, i) => {
    for (let j = 0; j < columns; j++) {
      scaled[i * columns + j] = (features[row * columns + j]! - mean[j]!) * inverseStd[j]!;
    }
  });
  return scaled;
}

/**
 * A linear classifier of standardised features as one of raw features.
 * @param weights classes × columns, row-major, of standardised features
 * @param bias one a class
 */
export function rawHead(
  weights: Float64Array,
  bias: Float64Array,
  { mean, inverseStd }: Standardisation,
): LinearHead {
  const columns = mean.length;
  const weight = weights.map((value, at) => value * inverseStd[at % columns]!);
  const shifted = bias.map((value, c) => {
    let sum = value;
    for (let j = 0; j < columns; j++) sum -= weight[c * columns + j]! * mean[j]!;
    return sum;
  });
  return { weight, bias: shifted };
}
