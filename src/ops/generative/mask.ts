import { currentTape } from '../../autograd/tape.ts';
import { floatType, requireShapes, type Tensor } from '../../autograd/tensor.ts';
import { blurViews, drawVectors, type Rgb, type ViewShape } from '../../kernels/augment.ts';
import { fill } from '../../kernels/elementwise.ts';
import {
  addNoise as addNoiseKernel,
  drawHashes,
  hidePatches as hidePatchesKernel,
  type MaskShape,
  rankHashes,
} from '../../kernels/generative/mask.ts';
import { finite, requireAttributes, wholeWithin } from '../attributes.ts';
import type { Draws } from '../pretext/transforms.ts';

// What views are to an encoder that is to bring back what they were. Not differentiable: pixels are data. Every random
// choice is a function of (seed, step, image) alone.

/** Which patches of each image are hidden: those whose rank is not below `visible`. */
export interface PatchMask {
  /** u32 [N, P]: the rank of each patch, a permutation of 0 … P − 1 by chance. */
  readonly ranks: Tensor;
  /** u32 [N, P]: the patch of each rank. */
  readonly order: Tensor;
  /** Patches of an image that are not hidden: of every image as many. */
  readonly visible: number;
}

/**
 * Records the drawing of a mask: of every image `patches` − `visible` are hidden, any as likely as any other.
 * @throws RangeError where no patch, or none but all, would be hidden
 */
export function drawMask(
  { numbers, counter }: Draws,
  { patches, visible }: { readonly patches: number; readonly visible: number },
): PatchMask {
  requireAttributes('mask', { visible }, { visible: wholeWithin(1, patches - 1) });
  const tape = currentTape();
  const images = numbers.size;
  const shape: MaskShape = { images, patches, visible, side: 1, patch: 1, stored: 'f32' };
  const [hashes, ranks, order] = ['hashes', 'ranks', 'order'].map((name) =>
    tape.temporary(`${name} of patches`, [images, patches], 'u32'),
  ) as [Tensor, Tensor, Tensor];
  tape.dispatch(drawHashes(shape), { numbers, counter, new_hashes: hashes });
  tape.dispatch(rankHashes(shape), { hashes, new_ranks: ranks, order });
  return { ranks, order, visible };
}

/** Records views [N, S, S, 4] whose hidden patches are 0, the mean that pixels are brought to. */
export function hidePatches(views: Tensor, { ranks, visible }: PatchMask): Tensor {
  const [images, side] = views.shape as [number, number];
  const patches = ranks.shape[1]!;
  const patch = side / Math.sqrt(patches);
  requireShapes('mask', [views], Number.isInteger(patch), `views of √${patches} whole patches a side`);
  const shape: MaskShape = { images, patches, visible, side, patch, stored: floatType(views) };
  const tape = currentTape();
  const y = tape.temporary('masked views', views.shape, views.dtype);
  tape.dispatch(hidePatchesKernel(shape), { ranks, x: views, y });
  return y;
}

/** Records views [N, S, S, 4] with normal noise. @param deviations of red, green and blue */
export function addNoise(views: Tensor, { numbers, counter }: Draws, deviations: Rgb): Tensor {
  for (const deviation of deviations) requireAttributes('noise', { deviation }, { deviation: finite });
  const [images, side] = views.shape as [number, number];
  const shape: MaskShape = { images, patches: 1, visible: 0, side, patch: 1, stored: floatType(views) };
  const tape = currentTape();
  const y = tape.temporary('noisy views', views.shape, views.dtype);
  tape.dispatch(addNoiseKernel(shape, deviations), { images_of: numbers, counter, x: views, y });
  return y;
}

/** Records views [N, S, S, 4] blurred by a Gaussian of deviation `sigma` in pixels, which reaches as far as 3σ. */
export function blur(views: Tensor, sigma: number): Tensor {
  const [batch, imageSize] = views.shape as [number, number];
  const shape: ViewShape = { batch, views: 1, sourceSize: imageSize, imageSize, stored: floatType(views) };
  const radius = Math.max(1, Math.min(Math.ceil(3 * sigma), imageSize - 1));
  const tape = currentTape();
  const draws = tape.temporary('blur by view', [batch, 4 * drawVectors]);
  const [rows, both] = [0, 1].map(() => tape.temporary('blurred views', views.shape, views.dtype)) as [
    Tensor,
    Tensor,
  ];
  tape.dispatch(fill(draws.size, sigma), { y: draws });
  tape.dispatch(blurViews(shape, radius, 'rows'), { draws, x: views, y: rows });
  tape.dispatch(blurViews(shape, radius, 'columns'), { draws, x: rows, y: both });
  return both;
}
