/** The number of values below a limit in an ascending list. @param withEquals counts values equal to it too */
export function countBelow(sorted: Float64Array, limit: number, withEquals = false): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < limit || (withEquals && sorted[middle] === limit)) low = middle + 1;
    else high = middle;
  }
  return low;
}
