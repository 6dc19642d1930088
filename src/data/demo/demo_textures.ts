/** A signed distance to the texture's edges, negative on the ink, in units of its period. */
export type Texture = (u: number, v: number) => number;

const wave = (u: number) => Math.abs(u - Math.round(u));

/** Ink all over. */
export const solid: Texture = () => -1;
/** Parallel bars, as wide as what lies between them. */
export const stripes: Texture = (u) => wave(u) - 0.25;
/** Squares of ink and paper in turn. */
export const checker: Texture = (u, v) => {
  const a = wave(u) - 0.25;
  const b = wave(v) - 0.25;
  return Math.sign(a * b) * Math.min(Math.abs(a), Math.abs(b));
};
/** Discs on a square lattice. */
export const dots: Texture = (u, v) => {
  const a = wave(u);
  const b = wave(v);
  return Math.sqrt(a * a + b * b) - 0.33;
};
/** Rings around the origin. */
export const circles: Texture = (u, v) => wave(Math.sqrt(u * u + v * v)) - 0.25;
