import { inverseRowNorms } from './feature_rows.ts';
import { allRows, innerProducts } from './linear_algebra.ts';

/** A linear classifier on raw features, logits = features · weightᵀ + bias, or on features of length 1. */
export interface LinearHead {
  /** classes × features, row-major. */
  readonly weight: Float64Array;
  /** One a class; −∞ for a class that the head does not know, which is never predicted. */
  readonly bias: Float64Array;
  /**
   * Whether each row of features is divided by its Euclidean length first; a row of zeros stays. Absent: it is taken as
   * it is.
   */
  readonly unitLength?: true;
}

/**
 * What a head says of some rows of features: logits[i, c] = x[rows[i]] · weight[c] + bias[c], x first brought to length 1
 * where the head asks for it.
 * @param features N × as many columns as the head's weight has, row-major
 * @returns rows.length × classes
 */
export function affineLogits(features: Float32Array, rows: Int32Array, head: LinearHead): Float64Array {
  const classes = head.bias.length;
  const logits = new Float64Array(rows.length * classes);
  innerProducts(features, rows, head.weight, head.weight.length / classes, logits);
  // Scaling the products brings the rows to length 1 without a copy of them.
  const scales = head.unitLength && inverseRowNorms(features, head.weight.length / classes);
  for (let i = 0; i < rows.length; i++) {
    const scale = scales ? scales[rows[i]!]! : 1;
    for (let c = 0; c < classes; c++) {
      const at = i * classes + c;
      logits[at] = logits[at]! * scale + head.bias[c]!;
    }
  }
  return logits;
}

/**
 * What a head says of all rows of features, rounded to float32.
 * @param features N × as many columns as the head's weight has, row-major
 * @returns N × classes
 */
export function headLogits(head: LinearHead, features: Float32Array): Float32Array {
  const columns = head.weight.length / head.bias.length;
  return Float32Array.from(affineLogits(features, allRows(features.length / columns), head));
}
