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
