import { allRows, innerProducts } from './linear_algebra.ts';

/** A linear classifier on raw features: logits = features · weightᵀ + bias. */
export interface LinearHead {
  /** classes × features, row-major. */
  readonly weight: Float64Array;
  /** One a class; −∞ for a class that the head does not know, which is never predicted. */
  readonly bias: Float64Array;
}

/**
 * What a head says of some rows of features: logits[i, c] = x[rows[i]] · weight[c] + bias[c].
 * @param features N × as many columns as the head's weight has, row-major
 * @returns rows.length × classes
 */
export function affineLogits(features: Float32Array, rows: Int32Array, head: LinearHead): Float64Array {
  const classes = head.bias.length;
  const logits = new Float64Array(rows.length * classes);
  innerProducts(features, rows, head.weight, head.weight.length / classes, logits);
  for (let i = 0; i < rows.length; i++) {
    for (let c = 0; c < classes; c++) logits[i * classes + c]! += head.bias[c]!;
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
