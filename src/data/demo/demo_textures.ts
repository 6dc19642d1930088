/** A signed distance to the texture's edges, negative on the ink, in units of its period. */
export type Texture = (u: number, v: number) => number;

const wave = (u: number) => Math.abs(u - Math.round(u));

/** Ink all over. */
export const solid: Texture = () => -1;
/** Discs on a square lattice. */
export const dots: Texture = (u, v) => {
  const a = wave(u);
  const b = wave(v);
  return Math.sqrt(a * a + b * b) - 0.33;
};
