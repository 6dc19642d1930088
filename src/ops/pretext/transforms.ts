import { currentTape } from '../../autograd/tape.ts';
import { floatType, requireShapes, type Tensor } from '../../autograd/tensor.ts';
import {
  cutPatches,
  drawNeighbours,
  drawPermutations,
  drawTurns,
  eachTurn,
  type PatchShape,
  rotateViews,
  takeViews,
} from '../../kernels/pretext/transforms.ts';

export type { PatchShape };

// What predictive tasks make of views [N, S, S, 4]. Not differentiable: pixels are data. Every random choice is a function
// of (seed, step, image) alone.

/** Quarter turns that there are, with none at all. */
export const quarterTurns = 4;
/** Patches of an image: cells of a grid of three by three. */
export const gridCells = 9;

/** Which images, and the step. */
export interface Draws {
  /** u32 [N]: numbers of the images, which their choices follow. */
  readonly numbers: Tensor;
  /** u32 [2]: seed and step. */
  readonly counter: Tensor;
}

const shapeOf = (views: Tensor, copies: number, chosen: number) => {
  const fits = views.shape.length === 4 && views.shape[1] === views.shape[2] && views.shape[3] === 4;
  requireShapes('transform', [views], fits, 'views [N, S, S, 4]');
  const [images, side] = views.shape as [number, number, number, number];
  return { images, side, copies, chosen, stored: floatType(views) };
};

/** Records every view in all four quarter turns, against the clock: [4·N, S, S, 4], row k·N + i being view i by k turns. */
export function inAllTurns(views: Tensor): Tensor {
  const tape = currentTape();
  const shape = shapeOf(views, quarterTurns, quarterTurns);
  const rotated = tape.temporary(
    'rotated views',
    [quarterTurns * shape.images, ...views.shape.slice(1)],
    views.dtype,
  );
  tape.dispatch(rotateViews(shape), { turns: turnLabels(shape.images), x: views, y: rotated });
  return rotated;
}

/** Records the turns of `inAllTurns`, u32 [4·images]. */
export function turnLabels(images: number): Tensor {
  const tape = currentTape();
  const shape = { images, side: 1, copies: quarterTurns, chosen: quarterTurns, stored: 'f32' } as const;
  const labels = tape.temporary('turns', [quarterTurns * images], 'u32');
  tape.dispatch(eachTurn(shape), { labels });
  return labels;
}

/** Records every view by a quarter turn of its own by chance, none among them: [N, S, S, 4]. */
export function turnedByChance(views: Tensor, { numbers, counter }: Draws): Tensor {
  const tape = currentTape();
  const shape = shapeOf(views, 1, quarterTurns);
  const turns = tape.temporary('turns', [shape.images], 'u32');
  tape.dispatch(drawTurns(shape), { numbers, counter, labels: turns });
  const rotated = tape.temporary('rotated views', views.shape, views.dtype);
  tape.dispatch(rotateViews(shape), { turns, x: views, y: rotated });
  return rotated;
}

/** Patches, the K of an image one behind another, and what was drawn. */
export interface Patches {
  /** [N·K, P, P, 4] */
  readonly patches: Tensor;
  /** u32 [N]: the number of the choice. */
  readonly labels: Tensor;
}

/** Records two patches of every view: the one in the middle, and one of its eight neighbours by chance. */
export function neighbouringPatches(views: Tensor, draws: Draws, patch: PatchShape): Patches {
  const shape = shapeOf(views, 2, gridCells - 1);
  return cut(views, draws, patch, { shape, launch: drawNeighbours(shape), more: {} });
}

/**
 * Records all nine patches of every view, in the order of a permutation by chance.
 * @param permutations f32 [permutations, 9]: which cell comes first, second, …
 */
export function permutedPatches(
  views: Tensor,
  draws: Draws,
  patch: PatchShape,
  permutations: Tensor,
): Patches {
  const shape = shapeOf(views, gridCells, permutations.shape[0]!);
  return cut(views, draws, patch, { shape, launch: drawPermutations(shape), more: { permutations } });
}

function cut(
  views: Tensor,
  { numbers, counter }: Draws,
  patch: PatchShape,
  {
    shape,
    launch,
    more,
  }: {
    readonly shape: ReturnType<typeof shapeOf>;
    readonly launch: ReturnType<typeof drawNeighbours>;
    readonly more: Readonly<Record<string, Tensor>>;
  },
): Patches {
  const { images, side, copies } = shape;
  const reach = 2 * patch.cell + patch.margin + patch.freedom + patch.side;
  requireShapes('patches', [views], patch.side >= 1 && reach <= side, `views of ${reach} pixels and more`);
  const tape = currentTape();
  const labels = tape.temporary('choices', [images], 'u32');
  const cells = tape.temporary('cells', [images, copies], 'u32');
  tape.dispatch(launch, { numbers, counter, labels, cells, ...more });
  const patches = tape.temporary('patches', [images * copies, patch.side, patch.side, 4], views.dtype);
  tape.dispatch(cutPatches(shape, patch), { numbers, counter, taken: cells, x: views, y: patches });
  return { patches, labels };
}

/** Records so many views from the view `first` on, as a tensor of their own. */
export function someViews(views: Tensor, first: number, count: number): Tensor {
  const tape = currentTape();
  const y = tape.temporary('views', [count, ...views.shape.slice(1)], views.dtype);
  tape.dispatch(takeViews({ ...shapeOf(views, 1, 1), images: count }, first), { x: views, y });
  return y;
}
