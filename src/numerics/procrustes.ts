/**
 * Turns and, where that is nearer, mirrors points so that they lie as near to others as they can: the orthogonal Procrustes
 * problem in the plane about both means (Schönemann 1966), in closed form.
 * @param points x and y of each of N points
 * @param onto x and y of where each of them should lie; NaN of those for which nothing says so, which move with the others
 * @returns N × 2
 * @throws RangeError where there are not as many of both
 */
export function alignPlane(points: ArrayLike<number>, onto: ArrayLike<number>): Float64Array {
  if (points.length !== onto.length || points.length % 2 !== 0)
    throw new RangeError(`alignPlane: ${points.length} and ${onto.length} coordinates`);
  const count = points.length / 2;
  const known = Array.from({ length: count }, (_, i) => i).filter((i) => Number.isFinite(onto[2 * i]));
  const [ownX, ownY] = meanOf(points, known);
  const [x, y] = meanOf(onto, known);
  // Sums of the products of the coordinates.
  let [xx, xy, yx, yy] = [0, 0, 0, 0];
  for (const i of known) {
    const [a, b] = [points[2 * i]! - ownX, points[2 * i + 1]! - ownY];
    const [c, d] = [onto[2 * i]! - x, onto[2 * i + 1]! - y];
    xx += a * c;
    xy += a * d;
    yx += b * c;
    yy += b * d;
  }
  // What a turn reaches at its best angle, and a mirror image at its own.
  const turned = Math.hypot(xx + yy, xy - yx);
  const mirrored = Math.hypot(xx - yy, xy + yx);
  const mirror = mirrored > turned ? -1 : 1;
  const angle = mirror < 0 ? Math.atan2(xy + yx, xx - yy) : Math.atan2(xy - yx, xx + yy);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const aligned = new Float64Array(points.length);
  for (let i = 0; i < count; i++) {
    const [a, b] = [points[2 * i]! - ownX, mirror * (points[2 * i + 1]! - ownY)];
    aligned[2 * i] = x + cos * a - sin * b;
    aligned[2 * i + 1] = y + sin * a + cos * b;
  }
  return aligned;
}

function meanOf(points: ArrayLike<number>, of: readonly number[]): [number, number] {
  let [x, y] = [0, 0];
  for (const i of of) {
    x += points[2 * i]! / of.length;
    y += points[2 * i + 1]! / of.length;
  }
  return [x, y];
}
