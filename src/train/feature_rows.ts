import { UserError } from '../errors.ts';

/**
 * @param features N × columns, row-major
 * @throws UserError naming the first value that is NaN or infinite
 */
export function requireFinite(features: Float32Array, columns: number): void {
  const at = features.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  throw new UserError(
    `feature ${at % columns} of row ${Math.floor(at / columns)} is ${features[at]}: the encoder has diverged, train it again with a lower learning rate`,
  );
}

/** 1/‖row‖₂ of each row, 0 for a row of zeros. */
export function inverseRowNorms(features: Float32Array, columns: number): Float64Array {
  const norms = new Float64Array(features.length / columns);
  for (let row = 0; row < norms.length; row++) {
    let sum = 0;
    for (let j = row * columns; j < (row + 1) * columns; j++) sum += features[j]! ** 2;
    norms[row] = sum > 0 ? 1 / Math.sqrt(sum) : 0;
  }
  return norms;
}
