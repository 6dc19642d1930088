import { normaliseRows, pickRows, requireFinite, spacedNumbers } from './feature_rows.ts';
import { allRows, innerProducts, secondMoments } from './linear_algebra.ts';
import { symmetricEigenvalues } from './symmetric_eigenvalues.ts';

/** How much of the feature space is in use: the signs of a healthy or a collapsed encoder. */
export interface FeatureStatistics {
  /**
   * Mean over the columns of the standard deviation of the L2-normalised features: 0 where all rows are equal,
   * 1/√columns for directions spread evenly over the sphere (SimSiam, arXiv 2011.10566, 4.1).
   */
  readonly featureStd: number;
  /** Effective rank of the L2-normalised features, from 1 to min(rows, columns). */
  readonly effectiveRank: number;
  /** All rows point (nearly) the same way: `featureStd` is below 2% of what evenly spread directions have. */
  readonly collapsed: boolean;
}

/**
 * Below this share of 1/√columns the features count as collapsed. (featureStd·√columns)² is at most 1 − the mean
 * cosine between rows, so 0.02 means images alike to a cosine of 0.9996. It is this low because features after a
 * ReLU share a large mean: an untrained encoder's lie close together without having collapsed.
 */
const collapsedShare = 0.02;
/** The effective rank is taken from this many rows, evenly spaced: enough for 512 columns, in about a second. */
const rankRows = 4096;

/**
 * Measures how much of their space an encoder's features use.
 * @param features N × columns, row-major, N ≥ 2
 * @throws UserError for features that are not finite
 * @throws RangeError for fewer than two rows, or values that are no whole rows
 */
export function measureFeatures(features: Float32Array, columns: number): FeatureStatistics {
  const count = features.length / columns;
  if (!Number.isInteger(count) || count < 2) {
    throw new RangeError(`measureFeatures: ${features.length} values are not two or more rows of ${columns}`);
  }
  requireFinite(features, columns);
  const unit = normaliseRows(features, columns);
  const evenStd = 1 / Math.sqrt(columns);
  const featureStd = meanStd(unit, columns);
  const effective = effectiveRank(spacedRows(unit, columns, rankRows), columns);
  return {
    featureStd,
    effectiveRank: effective,
    collapsed: !(featureStd >= collapsedShare * evenStd),
  };
}

/**
 * Effective rank (Roy & Vetterli, EUSIPCO 2007): e^H with H the entropy of the singular values' shares. k equal
 * singular values give k; a matrix of zeros gives 0. The matrix is taken as it is, not centred, as in RankMe
 * (arXiv 2210.02885), so that features collapsed to one point give 1.
 * @param matrix N × columns, row-major
 */
export function effectiveRank(matrix: Float32Array, columns: number): number {
  const count = matrix.length / columns;
  const rows = allRows(count);
  // Both Gram matrices have the squared singular values as eigenvalues; the smaller is quicker.
  const size = Math.min(count, columns);
  let gram: Float64Array;
  if (count < columns) {
    gram = new Float64Array(count * count);
    innerProducts(matrix, rows, Float64Array.from(matrix), columns, gram);
  } else {
    gram = secondMoments(matrix, rows, columns);
  }
  const eigenvalues = symmetricEigenvalues(gram, size);
  // Rounding the features to float32 and the Gram matrix to float64 makes values up to about this: noise, not rank.
  const least = eigenvalues[0]! * size * 2 ** -48;
  const singular = eigenvalues.filter((value) => value > least).map(Math.sqrt);
  const total = singular.reduce((sum, value) => sum + value, 0);
  if (total === 0) return 0;
  return Math.exp(-singular.reduce((sum, value) => sum + (value / total) * Math.log(value / total), 0));
}

function meanStd(features: Float32Array, columns: number): number {
  const count = features.length / columns;
  const mean = new Float64Array(columns);
  const variance = new Float64Array(columns);
  for (let i = 0; i < features.length; i++) mean[i % columns]! += features[i]! / count;
  for (let i = 0; i < features.length; i++)
    variance[i % columns]! += (features[i]! - mean[i % columns]!) ** 2 / count;
  return variance.reduce((sum, value) => sum + Math.sqrt(value), 0) / columns;
}

/** At most `most` rows, evenly spaced. */
function spacedRows(features: Float32Array, columns: number, most: number): Float32Array {
  const count = features.length / columns;
  if (count <= most) return features;
  return pickRows(features, columns, spacedNumbers(count, most));
}
