import { currentTape, noGrad } from '../../autograd/tape.ts';
import type { Tensor } from '../../autograd/tensor.ts';
import { fill } from '../../kernels/elementwise.ts';
import {
  composePicture,
  explain,
  normaliseRows,
  type PatchPixelShape,
  paintRows,
} from '../../kernels/generative/patch_pixels.ts';
import { averagePool } from '../pool/average_pool.ts';
import { patches } from '../vit/patches.ts';
import type { PatchMask } from './mask.ts';

// What reconstructions of views [N, S, S, 4] are compared with and shown by. Not differentiable: pixels are data.

const channels = 3;

/** Records the pixels of a view's patches as rows: [N, P, 3·patch²]. */
export const pixelRows = (views: Tensor, patch: number): Tensor =>
  noGrad(() => patches(views, { patch, channels }));

function shapeOf({ shape: [images, count, columns] }: Tensor): PatchPixelShape {
  const patch = Math.sqrt(columns! / channels);
  return {
    images: images!,
    side: patch * Math.sqrt(count!),
    patch,
    visible: 0,
    normalised: false,
    leading: 0,
  };
}

const like = (label: string, rows: Tensor) => currentTape().temporary(label, rows.shape);

/** Records rows brought to mean 0 and deviation √(σ² + 10⁻⁶) each. */
export function normalisedRows(rows: Tensor): Tensor {
  const result = like('normalised rows', rows);
  currentTape().dispatch(normaliseRows(shapeOf(rows)), { rows, new_rows: result });
  return result;
}

/** Records rows of zeros, which is the mean of normalised ones. @param rows whose shape it has */
export function zeroRows(rows: Tensor): Tensor {
  const result = like('rows of zeros', rows);
  currentTape().dispatch(fill(rows.size, 0), { y: result });
  return result;
}

/** Records rows of nothing but the mean colour of their view. @param rows whose shape it has */
export function meanColourRows(views: Tensor, rows: Tensor): Tensor {
  const colours = noGrad(() => averagePool(views));
  const result = like('rows of mean colours', rows);
  currentTape().dispatch(paintRows(shapeOf(rows)), { colours, new_rows: result });
  return result;
}

/**
 * Records what a loss explains of what the mean leaves, f32 [3]: 1 − loss/mean, the mean's loss, and what another guess
 * explains.
 */
export function explained(loss: Tensor, mean: Tensor, other: Tensor): Tensor {
  const tape = currentTape();
  const metrics = tape.temporary('explained', [3]);
  tape.dispatch(explain(), { loss, mean_loss: mean, other_loss: other, new_rows: metrics });
  return metrics;
}

/**
 * Records pictures [N, S, S, 4] of predicted patches, among the visible ones as they are.
 * @param rows of the pixels as they are
 * @param predictions of those rows, behind others that are left out; or with `normalised` of them brought to mean 0 and deviation 1
 */
export function composed(
  rows: Tensor,
  predictions: Tensor,
  { mask, normalised }: { readonly mask: PatchMask | undefined; readonly normalised: boolean },
): Tensor {
  const leading = predictions.shape[1]! - rows.shape[1]!;
  const shape = { ...shapeOf(rows), visible: mask?.visible ?? 0, normalised, leading };
  const tape = currentTape();
  const picture = tape.temporary('picture', [shape.images, shape.side, shape.side, 4]);
  const ranks = mask?.ranks ?? rows;
  tape.dispatch(composePicture(shape), { rows, predictions, ranks, picture });
  return picture;
}
