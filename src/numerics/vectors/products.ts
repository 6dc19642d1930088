import code from './products.wat';

/** What `products.wat` exports. */
interface Vectors {
  readonly memory: WebAssembly.Memory;
  readonly products: (
    x: number,
    w: number,
    out: number,
    rows: number,
    count: number,
    columns: number,
  ) => void;
}

const pageBytes = 1 << 16;
/** Rows that are multiplied at a time. */
const rowsAtOnce = 64;
/** For fewer multiply-adds, or fewer rows, laying out the weights takes longer than is gained. */
const leastWork = 1 << 14;
const leastRows = 8;
/** What takes more is left to the plain loop: the memory of a module never shrinks. */
const mostBytes = 1 << 25;

/** Undefined until it is needed; null where there is no WebAssembly with vectors, or a page's policy forbids it. */
let loaded: Vectors | null | undefined;

function load(): Vectors | null {
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(code)).exports as unknown as Vectors;
  } catch {
    return null;
  }
}

const upToFour = (count: number) => (count + 3) & ~3;

/**
 * `innerProducts` (see `../linear_algebra.ts`) by vectors of two numbers, eight times as fast and to the same bits.
 * @returns whether it was done: not where there is too little of it, or there are no vectors here
 */
export function vectorProducts(
  x: Float32Array,
  rows: Int32Array,
  weights: Float64Array,
  columns: number,
  out: Float64Array,
): boolean {
  const count = weights.length / columns;
  if (rows.length < leastRows || rows.length * weights.length < leastWork) return false;
  const wide = upToFour(count);
  const [weightsAt, rowsAt] = [0, 8 * wide * columns];
  const outAt = rowsAt + 8 * rowsAtOnce * columns;
  const bytes = outAt + 8 * rowsAtOnce * wide;
  if (bytes > mostBytes) return false;
  if (loaded === undefined) loaded = load();
  if (!loaded) return false;
  const { memory, products } = loaded;
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / pageBytes));
  layOut(weights, columns, new Float64Array(memory.buffer, weightsAt, wide * columns));
  const own = new Float64Array(memory.buffer, rowsAt, rowsAtOnce * columns);
  const sums = new Float64Array(memory.buffer, outAt, rowsAtOnce * wide);
  for (let first = 0; first < rows.length; first += rowsAtOnce) {
    const size = Math.min(rowsAtOnce, rows.length - first);
    for (let i = 0; i < size; i++) {
      const begin = rows[first + i]! * columns;
      own.set(x.subarray(begin, begin + columns), i * columns);
    }
    products(rowsAt, weightsAt, outAt, upToFour(size), wide, columns);
    if (wide === count) {
      out.set(sums.subarray(0, size * count), first * count);
      continue;
    }
    for (let i = 0; i < size; i++) out.set(sums.subarray(i * wide, i * wide + count), (first + i) * count);
  }
  return true;
}

/** Weights in panels of four rows, within which the numbers of the four alternate. */
function layOut(weights: Float64Array, columns: number, panels: Float64Array): void {
  const count = weights.length / columns;
  for (let j = 0; j < count; j += 4) {
    const of = (row: number) => Math.min(j + row, count - 1) * columns;
    const [w0, w1, w2, w3] = [of(0), of(1), of(2), of(3)];
    for (let k = 0, at = j * columns; k < columns; k++, at += 4) {
      panels[at] = weights[w0 + k]!;
      panels[at + 1] = weights[w1 + k]!;
      panels[at + 2] = weights[w2 + k]!;
      panels[at + 3] = weights[w3 + k]!;
    }
  }
}
