import {
  allRows,
  choleskyFactor,
  choleskySolve,
  innerProducts,
  outerProducts,
  secondMoments,
} from '../linear_algebra.ts';

/** Solves (κS + λI) x = b in place for each of the vectors, which lie one behind the other, as long as the rows have columns. */
export type Preconditioner = (vectors: Float64Array) => void;

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
    return (vectors) => {
      for (let at = 0; at < vectors.length; at += columns) choleskySolve(factor, columns, vectors, at);
    };
  }

  /** (κ/N xᵀx + λI)⁻¹ = (I − xᵀ(xxᵀ + λN/κ I)⁻¹x)/λ (Woodbury 1950): of N × N the factor, not of columns × columns. */
  #byRows(curvature: number, strength: number): Preconditioner {
    const [x, columns, count] = [this.#rows, this.#columns, this.#count];
    const factor = this.#products.slice();
    // A κ of 0, where all rows are certain, leaves λI: so does one this small.
    const ridge = (strength * count) / Math.max(curvature, 1e-12);
    for (let i = 0; i < count; i++) factor[i * count + i]! += ridge;
    choleskyFactor(factor, count);
    const rows = allRows(count);
    return (vectors) => {
      // x·bᵀ of all vectors, N × vectors, each then solved as a column and taken back along the rows.
      const width = vectors.length / columns;
      const along = new Float64Array(count * width);
      innerProducts(x, rows, vectors, columns, along);
      const own = new Float64Array(count);
      for (let v = 0; v < width; v++) {
        for (let i = 0; i < count; i++) own[i] = along[i * width + v]!;
        choleskySolve(factor, count, own, 0);
        for (let i = 0; i < count; i++) along[i * width + v] = own[i]!;
      }
      const back = new Float64Array(vectors.length);
      outerProducts(x, rows, along, columns, back);
      for (let j = 0; j < vectors.length; j++) vectors[j] = (vectors[j]! - back[j]!) / strength;
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

/** Rows of a block of inner products, of which those right of the diagonal are not worked out. */
const blockRows = 32;

/** Inner products of all pairs of rows, N × N. */
function gramMatrix(rows: Float32Array, columns: number): Float64Array {
  const count = rows.length / columns;
  const gram = new Float64Array(count * count);
  const wide = Float64Array.from(rows);
  for (let first = 0; first < count; first += blockRows) {
    const end = Math.min(count, first + blockRows);
    const block = new Float64Array((end - first) * end);
    const own = allRows(end - first).map((row) => first + row);
    innerProducts(rows, own, wide.subarray(0, end * columns), columns, block);
    for (let i = first; i < end; i++) {
      for (let j = 0; j <= i; j++) gram[i * count + j] = gram[j * count + i] = block[(i - first) * end + j]!;
    }
  }
  return gram;
}
