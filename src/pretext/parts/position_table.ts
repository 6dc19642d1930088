import type { Initialiser } from '../../autograd/parameters.ts';

/**
 * Positions of a grid's places as sines and cosines of their column, in the first half of the channels, and of their row,
 * in the second, at wavelengths from 2π to 2π·10⁴; zeros for tokens before them (He et al. 2021, arXiv 2111.06377).
 */
export const positionTable =
  (leading: number, grid: number): Initialiser =>
  ([, width]) => {
    const table = new Float32Array((leading + grid ** 2) * width!);
    const quarter = width! / 4;
    for (let place = 0; place < grid ** 2; place++)
      for (let k = 0; k < quarter; k++) {
        const rate = 10_000 ** (-k / quarter);
        const [x, y] = [(place % grid) * rate, Math.floor(place / grid) * rate];
        [Math.sin(x), Math.cos(x), Math.sin(y), Math.cos(y)].forEach((value, part) => {
          table[(leading + place) * width! + part * quarter + k] = value;
        });
      }
    return table;
  };
