import { UserError } from '../errors.ts';

/**
 * Checks features before they are computed with.
 * @param features N × columns, row-major
 * @throws UserError naming the first value that is NaN or infinite
 */
export function requireFinite(features: Float32Array, columns: number): void {
  let at = 0;
  while (at < features.length && Number.isFinite(features[at])) at++;
  if (at === features.length) return;
  throw new UserError(
    `feature ${at % columns} of row ${Math.floor(at / columns)} is ${features[at]}: the encoder has diverged, train it again with a lower learning rate`,
  );
}

/**
 * 1/‖row‖₂ of each row, 0 for a row of zeros.
 * @param features N × columns, row-major
 */
export function inverseRowNorms(features: Float32Array, columns: number): Float64Array {
  const norms = new Float64Array(features.length / columns);
  for (let row = 0; row < norms.length; row++) {
    let sum = 0;
    for (let j = row * columns; j < (row + 1) * columns; j++) sum += features[j]! * features[j]!;
    norms[row] = sum > 0 ? 1 / Math.sqrt(sum) : 0;
  }
  return norms;
}

/** Rows in double precision, each times its scale. @param features N × columns, row-major */
export function scaledRows(features: Float32Array, columns: number, scales: Float64Array): Float64Array {
  const scaled = new Float64Array(features.length);
  for (let row = 0, at = 0; at < scaled.length; row++) {
    const scale = scales[row]!;
    for (const end = at + columns; at < end; at++) scaled[at] = features[at]! * scale;
  }
  return scaled;
}

/**
 * All rows scaled to unit length, in a copy; a row of zeros stays.
 * @param features N × columns, row-major
 */
export function normaliseRows(features: Float32Array, columns: number): Float32Array {
  const scales = inverseRowNorms(features, columns);
  return features.map((value, at) => value * scales[Math.floor(at / columns)]!);
}

/** `most` of the numbers 0 … count − 1, evenly spaced; all of them where there are no more. */
export function spacedNumbers(count: number, most: number): Int32Array {
  const length = Math.min(count, most);
  return Int32Array.from({ length }, (_, i) => Math.floor((i * count) / length));
}

/**
 * Some rows of features, copied.
 * @param features N × columns, row-major
 * @param rows which of them, in this order
 */
export function pickRows(features: Float32Array, columns: number, rows: Int32Array): Float32Array {
  const chosen = new Float32Array(rows.length * columns);
  rows.forEach((row, at) => {
    chosen.set(features.subarray(row * columns, (row + 1) * columns), at * columns);
  });
  return chosen;
}

/**
 * Some rows of features, copied and scaled to unit length; a row of zeros stays.
 * @param features N × columns, row-major
 * @param rows which of them, in this order
 * @throws UserError for features that are not finite
 */
export function unitRows(features: Float32Array, columns: number, rows: Int32Array): Float32Array {
  const chosen = pickRows(features, columns, rows);
  requireFinite(chosen, columns);
  return normaliseRows(chosen, columns);
}
