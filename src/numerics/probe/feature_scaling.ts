import { normaliseRows } from '../feature_rows.ts';
import { type Standardisation, standardise } from '../standardisation.ts';

/**
 * What features are brought to before a linear classifier sees them: `raw`, only centred, and divided by one number for
 * all columns, so that strengths compare; `standardised`, each column to variance 1; `unit`, each row to length 1, then
 * as raw; `unit+standardised`, each row to length 1, then each column to variance 1.
 */
export type FeatureScaling = 'raw' | 'standardised' | 'unit' | 'unit+standardised';

/** Whether rows are brought to length 1: no linear classifier of the raw features does the same. */
export const isUnitLength = (scaling: FeatureScaling): boolean => scaling.startsWith('unit');

/** The scaling that does the same to rows of length 1. */
export const withoutLength = (scaling: FeatureScaling): FeatureScaling =>
  scaling === 'unit' ? 'raw' : scaling === 'unit+standardised' ? 'standardised' : scaling;

/** Rows brought to what a classifier sees: the linear part is kept apart, to be folded into weights. */
export interface ScaledRows {
  /** N × columns, row-major: the rows themselves, or a copy at length 1. */
  readonly features: Float32Array;
  /** What centres and scales their columns. */
  readonly standardisation: Standardisation;
}

/**
 * Scales rows of features, with means and deviations of some of them.
 * @param features N × columns, row-major
 * @param rows those whose means and deviations count
 */
export function scaleRows(
  scaling: FeatureScaling,
  features: Float32Array,
  columns: number,
  rows: Int32Array,
): ScaledRows {
  const own = isUnitLength(scaling) ? normaliseRows(features, columns) : features;
  const spread = scaling.endsWith('standardised') ? 'each' : 'common';
  return { features: own, standardisation: standardise(own, columns, rows, spread) };
}
