/**
 * How a grid of numbers is brought to another side, each as PyTorch's `interpolate` does it by bicubic curves; all but one
 * start half a cell outside the centres (`align_corners=False`):
 * - `size`: the scale is that of the sides;
 * - `offset`: it is (side + 0.1) / grid, as DINO's and DINOv2's code has it;
 * - `corners`: from the centre of the first cell to that of the last, as torchvision's code has it (`align_corners=True`);
 * - `antialias`: by sides, and a smaller grid averages over all cells of the larger one.
 */
export type GridRule = 'size' | 'offset' | 'corners' | 'antialias';

/** What a cell of the result is made of: cells of the source from `first` on, and how much of each. */
interface Tap {
  readonly cells: readonly number[];
  readonly weights: readonly number[];
}

/**
 * Brings a square grid of rows to another side.
 * @param rows [grid²][channels], row by row
 * @returns [side²][channels]; the rows themselves where the side is the grid's
 */
export function resampleGrid(
  rows: Float32Array,
  { grid, side, rule }: { readonly grid: number; readonly side: number; readonly rule: GridRule },
): Float32Array {
  if (side === grid) return rows;
  const channels = rows.length / grid ** 2;
  const taps = Array.from({ length: side }, (_, i) => tapOf(i, grid, side, rule));
  const along = new Float64Array(grid * side * channels);
  for (let y = 0; y < grid; y++)
    taps.forEach(({ cells, weights }, x) => {
      const to = (y * side + x) * channels;
      cells.forEach((cell, at) => {
        const from = (y * grid + cell) * channels;
        for (let c = 0; c < channels; c++) along[to + c]! += weights[at]! * rows[from + c]!;
      });
    });
  const sums = new Float64Array(side * side * channels);
  const row = side * channels;
  taps.forEach(({ cells, weights }, y) => {
    cells.forEach((cell, at) => {
      for (let i = 0; i < row; i++) sums[y * row + i]! += weights[at]! * along[cell * row + i]!;
    });
  });
  return Float32Array.from(sums);
}

/** @param i cell of the result */
function tapOf(i: number, grid: number, side: number, rule: GridRule): Tap {
  if (rule === 'antialias') return averaged(i, grid, grid / side);
  const scale = grid / (rule === 'offset' ? side + 0.1 : side);
  const isFromCorners = rule === 'corners';
  const place = isFromCorners ? (i * (grid - 1)) / Math.max(1, side - 1) : scale * (i + 0.5) - 0.5;
  const first = Math.floor(place) - 1;
  const cells = [0, 1, 2, 3].map((at) => first + at);
  return {
    cells: cells.map((cell) => Math.min(Math.max(cell, 0), grid - 1)),
    weights: cells.map((cell) => cubic(place - cell, -0.75)),
  };
}

/** All cells within the curve's reach, which grows with the cells of the source for each of the result. */
function averaged(i: number, grid: number, scale: number): Tap {
  const stretch = Math.max(1, scale);
  const centre = scale * (i + 0.5);
  const first = Math.max(0, Math.floor(centre - 2 * stretch + 0.5));
  const end = Math.min(grid, Math.floor(centre + 2 * stretch + 0.5));
  const cells = Array.from({ length: end - first }, (_, at) => first + at);
  const raw = cells.map((cell) => cubic((cell + 0.5 - centre) / stretch, -0.5));
  const total = raw.reduce((sum, weight) => sum + weight, 0);
  return { cells, weights: raw.map((weight) => weight / total) };
}

/** Keys' cubic convolution (1981), with the slope a at 1: PyTorch takes −0.75, and −0.5 where it averages. */
function cubic(distance: number, a: number): number {
  const x = Math.abs(distance);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? a * (((x - 5) * x + 8) * x - 4) : 0;
}
