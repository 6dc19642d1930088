import { allRows, innerProducts } from '../../numerics/linear_algebra.ts';
import type { Random } from '../../random.ts';

/** Rows among which pairs of small angle are looked for. */
export interface HashedRows {
  /** Number of rows. */
  readonly count: number;
  /** Numbers in each row. */
  readonly columns: number;
  /** `size` rows from `first` on, row-major. */
  readonly block: (first: number, size: number) => Float32Array;
  /** Subtracted from each row; nothing by default. */
  readonly mean?: Float64Array;
  /** A random direction to cut the rows by; independent normal components by default. */
  readonly direction?: (random: Random) => Float64Array;
}

/** Bits of a signature: the sign of a row along so many random directions. */
const signatureBits = 32;
/** Pairs looked at in a table while rows are few, and the least that each row is compared with. */
const tablePairs = 2_000_000;
const leastWindow = 20;
const blockRows = 256;

/** Whether one visit of so many rows meets every pair. */
export function meetsAll(count: number): boolean {
  return 2 * windowOf(count) >= count;
}

const windowOf = (count: number) => Math.max(leastWindow, Math.floor(tablePairs / Math.max(1, count)));

/**
 * Visits pairs of rows that may enclose a small angle. Each table cuts the rows by 32 random hyperplanes (Charikar,
 * STOC 2002), sorts them by the resulting bits and takes pairs that then lie close together. Their number is bounded
 * however the rows are spread; up to 2,000 rows all pairs are visited. A pair may come more than once.
 * @param visit called with the lower row first
 */
export function visitNearPairs(
  rows: HashedRows,
  tables: number,
  random: Random,
  visit: (a: number, b: number) => void,
): void {
  const { count } = rows;
  const signatures = signRows(rows, tables, random);
  // Where a window covers half of all rows, one table visits all pairs.
  const exhaustive = meetsAll(count);
  for (let table = 0; table < (exhaustive ? Math.min(1, tables) : tables); table++) {
    const order = sortedRows(signatures, table, tables, count);
    const reach = exhaustive ? count : windowOf(count);
    for (let i = 0; i < count; i++) {
      const last = Math.min(count - 1, i + reach);
      for (let j = i + 1; j <= last; j++) {
        const a = order[i]!;
        const b = order[j]!;
        if (a < b) visit(a, b);
        else visit(b, a);
      }
    }
  }
}

/** Signatures, count × tables. */
function signRows(rows: HashedRows, tables: number, random: Random): Uint32Array {
  const { count, columns, mean } = rows;
  const direction = rows.direction ?? ((from: Random) => normals(columns, from));
  const planes = new Float64Array(tables * signatureBits * columns);
  for (let at = 0; at < planes.length; at += columns) planes.set(direction(random), at);
  const offsets = new Float64Array(tables * signatureBits);
  if (mean) {
    for (let at = 0; at < planes.length; at++) {
      offsets[Math.floor(at / columns)]! += planes[at]! * mean[at % columns]!;
    }
  }
  const signatures = new Uint32Array(count * tables);
  const products = new Float64Array(blockRows * tables * signatureBits);
  for (let first = 0; first < count; first += blockRows) {
    const size = Math.min(blockRows, count - first);
    innerProducts(rows.block(first, size), allRows(size), planes, columns, products);
    for (let i = 0; i < size * tables; i++) {
      let bits = 0;
      for (let bit = 0; bit < signatureBits; bit++) {
        const plane = (i % tables) * signatureBits + bit;
        bits = (bits << 1) | (products[i * signatureBits + bit]! > offsets[plane]! ? 1 : 0);
      }
      signatures[first * tables + i] = bits;
    }
  }
  return signatures;
}

/** Rows by their signature, equals by number: by their lower, then by their upper 16 bits. */
function sortedRows(signatures: Uint32Array, table: number, tables: number, count: number): Int32Array {
  let rows = Int32Array.from({ length: count }, (_, row) => row);
  for (const shift of [0, 16]) {
    const digit = (row: number) => (signatures[row * tables + table]! >>> shift) & 0xffff;
    const ends = new Int32Array(0x10000 + 1);
    for (let row = 0; row < count; row++) ends[digit(row) + 1]!++;
    for (let value = 0; value < 0x10000; value++) ends[value + 1]! += ends[value]!;
    const sorted = new Int32Array(count);
    for (const row of rows) sorted[ends[digit(row)]!++] = row;
    rows = sorted;
  }
  return rows;
}

/** Independent standard normal numbers (Box–Muller). */
export function normals(count: number, random: Random): Float64Array {
  return Float64Array.from({ length: count }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
    return radius * Math.cos(2 * Math.PI * random.next());
  });
}
