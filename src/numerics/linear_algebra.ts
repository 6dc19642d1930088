/**
 * The dense float64 linear algebra that the probe, kNN and the feature statistics need. Matrices are row-major;
 * float32 features are widened as they are read, and every sum is float64. Loops take two to four rows at a time,
 * so that a value once loaded is used several times (about 2 multiply-adds a nanosecond in V8).
 */
import { vectorProducts } from './vectors/products.ts';

/** The row numbers 0 … count − 1. */
export function allRows(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, row) => row);
}

/**
 * Inner products of chosen feature rows with every row of `weights`: `out[i × M + j] = Σ_k x[rows[i], k] · w[j, k]`.
 * @param x features, N×`columns`
 * @param weights M×`columns`
 * @param out rows.length × M
 */
export function innerProducts(
  x: Float32Array,
  rows: Int32Array,
  weights: Float64Array,
  columns: number,
  out: Float64Array,
): void {
  if (vectorProducts(x, rows, weights, columns, out)) return;
  const lastRow = rows.length - 1;
  const count = weights.length / columns;
  const last = count - 1;
  // A ragged edge repeats its last row: the same value is then written twice, and no second loop is needed.
  for (let i = 0; i <= lastRow; i += 2) {
    const i1 = Math.min(i + 1, lastRow);
    const x0 = rows[i]! * columns;
    const x1 = rows[i1]! * columns;
    for (let j = 0; j <= last; j += 4) {
      const j1 = Math.min(j + 1, last);
      const j2 = Math.min(j + 2, last);
      const j3 = Math.min(j + 3, last);
      const w0 = j * columns;
      const w1 = j1 * columns;
      const w2 = j2 * columns;
      const w3 = j3 * columns;
      let a0 = 0;
      let a1 = 0;
      let a2 = 0;
      let a3 = 0;
      let b0 = 0;
      let b1 = 0;
      let b2 = 0;
      let b3 = 0;
      for (let k = 0; k < columns; k++) {
        const u = x[x0 + k]!;
        const v = x[x1 + k]!;
        const p = weights[w0 + k]!;
        const q = weights[w1 + k]!;
        const r = weights[w2 + k]!;
        const s = weights[w3 + k]!;
        a0 += u * p;
        a1 += u * q;
        a2 += u * r;
        a3 += u * s;
        b0 += v * p;
        b1 += v * q;
        b2 += v * r;
        b3 += v * s;
      }
      const o0 = i * count;
      const o1 = i1 * count;
      out[o0 + j] = a0;
      out[o0 + j1] = a1;
      out[o0 + j2] = a2;
      out[o0 + j3] = a3;
      out[o1 + j] = b0;
      out[o1 + j1] = b1;
      out[o1 + j2] = b2;
      out[o1 + j3] = b3;
    }
  }
}

/**
 * `out = coefficientsᵀ · x[rows]`, the product that turns the residuals of a linear model into its gradient.
 * @param coefficients rows.length × M
 * @param out M × `columns`, overwritten
 */
export function outerProducts(
  x: Float32Array,
  rows: Int32Array,
  coefficients: Float64Array,
  columns: number,
  out: Float64Array,
): void {
  const count = out.length / columns;
  out.fill(0);
  for (let i = 0; i < rows.length; i += 4) {
    for (let j = 0; j < count; j++) {
      // Beyond the last row the coefficients are undefined: addFourRows takes them as 0.
      const c0 = coefficients[i * count + j]!;
      const c1 = coefficients[(i + 1) * count + j] ?? 0;
      const c2 = coefficients[(i + 2) * count + j] ?? 0;
      const c3 = coefficients[(i + 3) * count + j] ?? 0;
      addFourRows(x, rows, i, columns, c0, c1, c2, c3, 0, out, j * columns);
    }
  }
}

/** The symmetric second moments `x[rows]ᵀ · x[rows]`, `columns` × `columns`. */
export function secondMoments(x: Float32Array, rows: Int32Array, columns: number): Float64Array {
  const out = new Float64Array(columns * columns);
  const at = (i: number, j: number) => (i < rows.length ? x[rows[i]! * columns + j]! : 0);
  for (let i = 0; i < rows.length; i += 4) {
    for (let j = 0; j < columns; j++) {
      addFourRows(
        x,
        rows,
        i,
        columns,
        at(i, j),
        at(i + 1, j),
        at(i + 2, j),
        at(i + 3, j),
        j,
        out,
        j * columns,
      );
    }
  }
  for (let i = 1; i < columns; i++) {
    for (let j = 0; j < i; j++) out[i * columns + j] = out[j * columns + i]!;
  }
  return out;
}

/** Adds a combination of the four rows `rows[i] … rows[i+3]`, columns `from` on, to the row of `out` at `target`. */
function addFourRows(
  x: Float32Array,
  rows: Int32Array,
  i: number,
  columns: number,
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  from: number,
  out: Float64Array,
  target: number,
): void {
  const last = rows.length - 1;
  const x0 = rows[i]! * columns;
  const x1 = rows[Math.min(i + 1, last)]! * columns;
  const x2 = rows[Math.min(i + 2, last)]! * columns;
  const x3 = rows[Math.min(i + 3, last)]! * columns;
  for (let k = from; k < columns; k++) {
    out[target + k]! += c0 * x[x0 + k]! + c1 * x[x1 + k]! + (c2 * x[x2 + k]! + c3 * x[x3 + k]!);
  }
}

/**
 * Cholesky factor L of a symmetric positive definite matrix, `L Lᵀ = matrix`, in place in the lower triangle.
 * @throws RangeError where the matrix is not positive definite to working precision
 */
export function choleskyFactor(matrix: Float64Array, size: number): void {
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * size + j]!;
      for (let k = 0; k < j; k++) sum -= matrix[i * size + k]! * matrix[j * size + k]!;
      if (i === j && !(sum > 0))
        throw new RangeError(`Cholesky: pivot ${i} is ${sum}, the matrix is not positive definite`);
      matrix[i * size + j] = i === j ? Math.sqrt(sum) : sum / matrix[j * size + j]!;
    }
  }
}

/** Solves `L Lᵀ x = b` in place for the vector of length `size` at `offset`. */
export function choleskySolve(
  factor: Float64Array,
  size: number,
  vector: Float64Array,
  offset: number,
): void {
  for (let i = 0; i < size; i++) {
    let sum = vector[offset + i]!;
    for (let k = 0; k < i; k++) sum -= factor[i * size + k]! * vector[offset + k]!;
    vector[offset + i] = sum / factor[i * size + i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    const value = vector[offset + i]! / factor[i * size + i]!;
    vector[offset + i] = value;
    for (let k = 0; k < i; k++) vector[offset + k]! -= factor[i * size + k]! * value;
  }
}

/** The place of the largest value, the first of equals. */
export function largestIndex(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

/** Solves a symmetric positive definite system of three unknowns, given by its upper triangle and its right side. */
export function solve3(
  ss: number,
  sx: number,
  sy: number,
  xx: number,
  xy: number,
  yy: number,
  ds: number,
  dx: number,
  dy: number,
): [number, number, number] {
  const [fx, fy] = [sx / ss, sy / ss];
  const [aa, ab, bb] = [xx - fx * sx, xy - fx * sy, yy - fy * sy];
  const [a, b] = [dx - fx * ds, dy - fy * ds];
  const f = ab / aa;
  const v = (b - f * a) / (bb - f * ab);
  const u = (a - ab * v) / aa;
  return [(ds - sx * u - sy * v) / ss, u, v];
}
