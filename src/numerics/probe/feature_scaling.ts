import { normaliseRows } from '../feature_rows.ts';
import { allRows } from '../linear_algebra.ts';
import { type Standardisation, standardise, standardisedRows } from '../standardisation.ts';
import { alongPopulation, type Population } from './population.ts';

/**
 * What features are brought to before a linear classifier sees them: `raw`, only centred, and divided by one number for
 * all columns, so that strengths compare; `standardised`, each column to variance 1; `unit`, each row to length 1, then
 * as raw; `unit+standardised`, each row to length 1, then each column to variance 1; `unit+covariance`, each row to length
 1, then weighted along the principal directions of all images (see `Population`).
 */
export type FeatureScaling = 'raw' | 'standardised' | 'unit' | 'unit+standardised' | 'unit+covariance';

/** Whether rows are brought to length 1: no linear classifier of the raw features does the same. */
export const isUnitLength = (scaling: FeatureScaling): boolean => scaling.startsWith('unit');

/** The scaling that does the same to rows of length 1. */
export const withoutLength = (scaling: FeatureScaling): FeatureScaling =>
  scaling === 'unit' ? 'raw' : scaling === 'unit+standardised' ? 'standardised' : scaling;

/** Rows brought to what a classifier sees: the linear parts are kept apart, to be folded into weights. */
export interface ScaledRows {
  /** N × `columns`, row-major: the rows themselves, a copy at length 1, or their weighted coordinates. */
  readonly features: Float32Array;
  /** Features of a row. */
  readonly columns: number;
  /** What centres and scales their columns. */
  readonly standardisation: Standardisation;
  /** The same classifier on rows whose coordinates were not weighted; absent where none were. */
  readonly unweighted?: {
    /** What centres and scales the columns of the rows themselves. */
    readonly standardisation: Standardisation;
    /** @param weights classes × `columns`, row-major @returns classes × columns of the rows themselves */
    weights(weights: Float64Array): Float64Array;
  };
}

/**
 * Scales rows of features, with means and deviations of some of them.
 * @param features N × columns, row-major
 * @param rows those whose means and deviations count
 * @param population for `unit+covariance`: the images in whose directions rows are weighted
 */
export function scaleRows(
  scaling: FeatureScaling,
  features: Float32Array,
  columns: number,
  rows: Int32Array,
  population?: Population,
): ScaledRows {
  const own = isUnitLength(scaling) ? normaliseRows(features, columns) : features;
  const spread = scaling.endsWith('standardised') ? 'each' : 'common';
  const standardisation = standardise(own, columns, rows, spread);
  if (scaling !== 'unit+covariance') return { features: own, columns, standardisation };
  if (!population)
    throw new RangeError('scaleRows: unit+covariance takes the population whose covariance it is');
  const all = allRows(features.length / columns);
  const along = alongPopulation(standardisedRows(own, columns, all, standardisation), population);
  return {
    features: along.features,
    columns: along.columns,
    standardisation: {
      mean: new Float64Array(along.columns),
      inverseStd: new Float64Array(along.columns).fill(1),
    },
    unweighted: { standardisation, weights: along.weights },
  };
}
