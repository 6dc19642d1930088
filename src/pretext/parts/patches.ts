import type { Tensor } from '../../autograd/tensor.ts';
import { named, sentence, UserError } from '../../errors.ts';
import type { ModelContext } from '../../nn/layers.ts';
import { gridCells, type PatchShape } from '../../ops/pretext/transforms.ts';
import { distantPermutations } from './permutations.ts';

/**
 * Patches in a grid of three by three cells, about as large as a cell: each lies anywhere in its cell by chance, so that
 * neighbours have gaps, and lines that go on across a border tell nothing.
 * @param imageSize side of the view, in pixels
 * @param share of a patch's side in its cell's
 * @throws UserError where the views are too small
 */
export function patchesOf(imageSize: number, share: number): PatchShape {
  const cell = Math.floor(imageSize / 3);
  const side = Math.round(share * cell);
  if (side < 1)
    throw new UserError(
      sentence`patches of views of ${imageSize} pixels have no pixel: raise ${named('imageSize')}`,
    );
  return { side, cell, margin: 0, freedom: cell - side };
}

/** Declares the orders of nine patches as `permutedPatches` takes them: f32 [count, 9]. */
export const permutationTable = ({ parameters }: Pick<ModelContext, 'parameters'>, count: number): Tensor =>
  parameters.buffer('permutations.cells', [count, gridCells], () =>
    Float32Array.from(distantPermutations(count).flat()),
  );
