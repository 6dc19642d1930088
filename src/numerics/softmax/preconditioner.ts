import { allRows, choleskyFactor, choleskySolve, innerProducts, secondMoments } from '../linear_algebra.ts';

/** Solves (κS + λI) x = b in place for the vector at `offset`, which is as long as the rows have columns. */
export type Preconditioner = (vector: Float64Array, offset: number) => void;

/**
 * The solver's model of a softmax loss around its rows x: κS + λI, S = xᵀx/N, is the Hessian's block for a class's
 * weights with p(1 − p) replaced by its mean κ (with κ = ½ it is Böhning's bound, 1992). L-BFGS that starts from its
 * inverse takes strongly correlated features about as quickly as independent ones. It shapes the solver's path, not its
 * end, so float32 rows will do.
 */
export class CurvatureModel {
  readonly #rows: Float32Array;
  readonly #columns: number;
  readonly #count: number;
  /** xᵀx, columns × columns, or where rows are fewer xxᵀ, N × N. */
  readonly #products: Float64Array;

  /** @param rows N × columns, row-major, standardised */
  constructor(rows: Float32Array, columns: number) {
    const count = rows.length / columns;
    this.#rows = rows;
    this.#columns = columns;
    this.#count = count;
    this.#products =
      count < columns ? gramMatrix(rows, columns) : secondMoments(rows, allRows(count), columns);
  }

  /** Makes the inverse ready for one κ ≥ 0 and λ > 0. */
  preconditioner(curvature: number, strength: number): Preconditioner {
    return this.#count < this.#columns
      ? this.#byRows(curvature, strength)
      : this.#byColumns(curvature, strength);
  }

  #byColumns(curvature: number, strength: number): Preconditioner {
    const columns = this.#columns;
    const factor = this.#products.map((value) => (curvature * value) / this.#count);
    for (let j = 0; j < columns; j++) factor[j * columns + j]! += strength;
    choleskyFactor(factor, columns);
    return (vector, offset) => choleskySolve(factor, columns, vector, offset);
  }

  /** (κ/N xᵀx + λI)⁻¹ = (I − xᵀ(xxᵀ + λN/κ I)⁻¹x)/λ (Woodbury 1950): of N × N the factor, not of columns × columns. */
  #byRows(curvature: number, strength: number): Preconditioner {
    const [x, columns, count] = [this.#rows, this.#columns, this.#count];
    const factor = this.#products.slice();
    // A κ of 0, where all rows are certain, leaves λI: so does one this small.
    const ridge = (strength * count) / Math.max(curvature, 1e-12);
    for (let i = 0; i < count; i++) factor[i * count + i]! += ridge;
    choleskyFactor(factor, count);
    const along = new Float64Array(count);
    return (vector, offset) => {
      for (let i = 0; i < count; i++) {
        let sum = 0;
        for (let j = 0; j < columns; j++) sum += x[i * columns + j]! * vector[offset + j]!;
        along[i] = sum;
      }
      choleskySolve(factor, count, along, 0);
      for (let i = 0; i < count; i++) {
        const share = along[i]!;
        for (let j = 0; j < columns; j++) vector[offset + j]! -= share * x[i * columns + j]!;
      }
      for (let j = 0; j < columns; j++) vector[offset + j]! /= strength;
    };
  }
}

/** A pivot below this share of the largest diagonal entry is rounding. */
const leastPivot = 1e-10;

/**
 * Rows in coordinates of their own span: at most N columns, with the very inner products of x up to float32's rounding.
 * An L2-regularised classifier of x depends on these alone, so that choosing among such classifiers costs no more for
 * 2,048 features than for the N that a few labels span.
 * @param rows N × columns, row-major
 * @returns the rows themselves where they are not fewer than their columns
 */
export function spanCoordinates(
  rows: Float32Array,
  columns: number,
): { readonly values: Float32Array; readonly columns: number } {
  const count = rows.length / columns;
  if (count >= columns) return { values: rows, columns };
  // Cholesky's factor L of xxᵀ = LLᵀ; a row that the earlier ones span adds no column.
  const factor = gramMatrix(rows, columns);
  let largest = 0;
  for (let i = 0; i < count; i++) largest = Math.max(largest, factor[i * count + i]!);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      const at = i * count + j;
      if (j > i) factor[at] = 0;
      else {
        let sum = factor[at]!;
        for (let k = 0; k < j; k++) sum -= factor[i * count + k]! * factor[j * count + k]!;
        const pivot = factor[j * count + j]!;
        if (i === j) factor[at] = sum > leastPivot * largest ? Math.sqrt(sum) : 0;
        else factor[at] = pivot > 0 ? sum / pivot : 0;
      }
    }
  }
  return { values: Float32Array.from(factor), columns: count };
}

/** Inner products of all pairs of rows, N × N. */
function gramMatrix(rows: Float32Array, columns: number): Float64Array {
  const count = rows.length / columns;
  const gram = new Float64Array(count * count);
  innerProducts(rows, allRows(count), Float64Array.from(rows), columns, gram);
  return gram;
}
