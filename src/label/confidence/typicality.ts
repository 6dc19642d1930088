import { forEachNearest } from '../../numerics/nearest.ts';

/** Neighbours that an image is compared with. */
const neighbours = 10;
/** Of fewer rows in the bank the neighbours of all rows are nearly the same ones, and figures of chance alike. */
const leastBank = 50;

/**
 * How much further rows lie from their nearest neighbours than these lie from theirs: the local outlier factor in its simple
 * form (Breunig et al. 2000; Schubert et al. 2014), above 1 for what lies apart, below 1 for the middle of a crowd,
 * wherever the crowd is. Images picked as typical, such as those nearest to the centres of clusters, have small ones.
 * @param features row-major
 * @param bank rows among which neighbours are; a row of the bank is in its neighbours' lists, which no other row is, so
 * the two must not be compared
 * @param groups a row's own group is no neighbour
 * @returns one a row; 1 for all where the bank is too small
 */
export function localOutlierFactors(
  features: Float32Array,
  columns: number,
  bank: Int32Array,
  groups: Int32Array,
): Float64Array {
  const factors = new Float64Array(groups.length).fill(1);
  if (bank.length < leastBank) return factors;
  const near = new Int32Array(groups.length * neighbours);
  const reach = new Float64Array(groups.length);
  // One more, as the row of its own group does not count.
  forEachNearest({ features, columns, rows: bank }, 'bank', neighbours + 1, (row, list) => {
    let found = 0;
    for (let i = 0; i < list.length && found < neighbours; i++) {
      const other = list.rows[i]!;
      if (groups[other] === groups[row]) continue;
      near[row * neighbours + found++] = other;
      reach[row]! += Math.sqrt(Math.max(0, 2 - 2 * list.similarities[i]!)) / neighbours;
    }
  });
  return factors.map((_, row) => {
    let usual = 0;
    for (let i = 0; i < neighbours; i++) usual += reach[near[row * neighbours + i]!]! / neighbours;
    return usual > 0 ? reach[row]! / usual : 1;
  });
}

/** Every second group of the rows from `first` on, one row of each: many frames of one series make nothing typical. */
export function everySecondGroup(groups: Int32Array, first: number): Int32Array {
  const seen = new Set<number>();
  const chosen: number[] = [];
  for (let row = first; row < groups.length; row++) {
    if (seen.has(groups[row]!)) continue;
    seen.add(groups[row]!);
    if (seen.size % 2 === 0) chosen.push(row);
  }
  return Int32Array.from(chosen);
}
