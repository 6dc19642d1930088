import { inverseRowNorms, scaledRows } from './feature_rows.ts';
import { innerProducts } from './linear_algebra.ts';

/** Rows of features to look among; lengths are normalised away. */
export interface NearestBank {
  /** N × `columns`, row-major. */
  readonly features: Float32Array;
  /** Features of a row. */
  readonly columns: number;
  /** The rows that may be found. */
  readonly rows: Int32Array;
}

/** The k bank rows nearest to each of M queries. */
export interface Nearest {
  /** M × k rows of the bank, the most similar first; −1 where there are fewer than k. */
  readonly rows: Int32Array;
  /** M × k cosine similarities; −1 where there is no row. */
  readonly similarities: Float32Array;
}

/** Queries × bank rows held at once: 512 KB of similarities, which stay in a core's second-level cache. */
const queryBlock = 128;
const bankBlock = 512;

/**
 * Finds the `count` bank rows most similar to each query by cosine, exactly; the first of equals. A row of zeros has
 * similarity 0 to all. Memory does not grow with the number of queries or bank rows.
 * @param queries M × columns; or 'bank': each row of the bank's features, found or not, among the others
 * @param visit called once a query, in order; the list is only valid during the call
 */
export function forEachNearest(
  bank: NearestBank,
  queries: Float32Array | 'bank',
  count: number,
  visit: (query: number, list: NearestList) => void,
): void {
  const { features, columns, rows: all } = bank;
  const leaveOneOut = queries === 'bank';
  const asked = leaveOneOut ? features : queries;
  const inverseNorms = inverseRowNorms(features, columns);
  const similarities = new Float64Array(queryBlock * bankBlock);
  const total = asked.length / columns;
  for (let first = 0; first < total; first += queryBlock) {
    const size = Math.min(queryBlock, total - first);
    const block = normalisedRows(asked, columns, first, size);
    const lists = Array.from({ length: size }, () => new NearestList(count));
    for (let start = 0; start < all.length; start += bankBlock) {
      const rows = all.subarray(start, start + bankBlock);
      innerProducts(features, rows, block, columns, similarities);
      for (let i = 0, at = 0; i < rows.length; i++) {
        const row = rows[i]!;
        const inverseNorm = inverseNorms[row]!;
        for (let query = 0; query < size; query++, at++) {
          if (leaveOneOut && row === first + query) continue;
          lists[query]!.offer(row, similarities[at]! * inverseNorm);
        }
      }
    }
    lists.forEach((list, query) => {
      visit(first + query, list);
    });
  }
}

/**
 * The `count` bank rows most similar to each query by cosine, exactly; the first of equals. A row of zeros has
 * similarity 0 to all.
 * @param queries M × columns; or 'bank': each row of the bank's features, found or not, among the others
 */
export function nearestRows(bank: NearestBank, queries: Float32Array | 'bank', count: number): Nearest {
  const total = (queries === 'bank' ? bank.features : queries).length / bank.columns;
  const rows = new Int32Array(total * count).fill(-1);
  const similarities = new Float32Array(total * count).fill(-1);
  forEachNearest(bank, queries, count, (query, list) => {
    rows.set(list.rows.subarray(0, list.length), query * count);
    similarities.set(list.similarities.subarray(0, list.length), query * count);
  });
  return { rows, similarities };
}

/** The `size` most similar of the rows offered so far, most similar first, earlier offers before equal later ones. */
export class NearestList {
  /** Rows of the bank, the most similar first; valid up to `length`. */
  readonly rows: Int32Array;
  /** Cosine similarities of `rows`; valid up to `length`. */
  readonly similarities: Float64Array;
  #length = 0;

  constructor(size: number) {
    this.rows = new Int32Array(size);
    this.similarities = new Float64Array(size);
  }

  /** How many rows it holds. */
  get length(): number {
    return this.#length;
  }

  /** Takes the row where it is more similar than the last, or there is room. */
  offer(row: number, similarity: number): void {
    const { rows, similarities } = this;
    // Insertion into a sorted list: of N rows in random order only about size·ln(N/size) get past this line.
    if (this.#length === rows.length && !(similarity > similarities[rows.length - 1]!)) return;
    let at = Math.min(this.#length, rows.length - 1);
    while (at > 0 && similarity > similarities[at - 1]!) {
      rows[at] = rows[at - 1]!;
      similarities[at] = similarities[at - 1]!;
      at--;
    }
    rows[at] = row;
    similarities[at] = similarity;
    if (this.#length < rows.length) this.#length++;
  }
}

/** `size` rows from `first` on, at unit length. */
function normalisedRows(features: Float32Array, columns: number, first: number, size: number): Float64Array {
  const rows = features.subarray(first * columns, (first + size) * columns);
  const inverseNorms = inverseRowNorms(rows, columns);
  return scaledRows(rows, columns, inverseNorms);
}
