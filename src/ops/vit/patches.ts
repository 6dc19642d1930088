import { apply, type Op } from '../../autograd/tape.ts';
import { floatType, requireShapes, type Tensor } from '../../autograd/tensor.ts';
import { type PatchShape, patchesGradient, patches as patchesKernel } from '../../kernels/vit/patches.ts';
import { requireAttributes, whole } from '../attributes.ts';

/** How images are cut. */
export interface PatchAttributes {
  /** Side of a square, in pixels. */
  readonly patch: number;
  /** Channels that are taken of each pixel, from the first on. */
  readonly channels: number;
}

/** rows[n, g, (r, s, c)] = x[n, P·gy + r, P·gx + s, c]: nothing but another order. */
export const patchesOp: Op<PatchAttributes, undefined> = {
  name: 'patches',
  activations: [0],
  infer([x], attributes) {
    requireAttributes('patches', attributes, { patch: whole(1), channels: whole(1) });
    const { patch, channels } = attributes;
    const [images, height, width, pitch] = x!.shape;
    const fits = x!.shape.length === 4 && height! % patch === 0 && width! % patch === 0 && pitch! >= channels;
    const wants = `images [N, H, W, C ≥ ${channels}] of whole squares of ${patch} × ${patch} pixels`;
    requireShapes('patches', [x!], fits, wants);
    const squares = (height! / patch) * (width! / patch);
    return [{ shape: [images!, squares, patch * patch * channels], dtype: 'f32' }];
  },
  forward(run, [x], [rows], attributes) {
    run.dispatch(patchesKernel(describe(x!, attributes)), { x: x!, rows: rows! });
    return undefined;
  },
  backward(run, { inputs: [x], attributes }, [drows], [dx]) {
    if (dx) run.dispatch(patchesGradient(describe(x!, attributes)), { drows: drows!, dx });
  },
  // Nothing is rounded.
  tolerance: 1e-6,
};

function describe(x: Tensor, attributes: PatchAttributes): PatchShape {
  const [images, height, width, pitch] = x.shape as [number, number, number, number];
  return { images, height, width, pitch, stored: floatType(x), ...attributes };
}

/**
 * Cuts images [N, H, W, C] into disjoint P×P squares, row by row: [N, (H/P)·(W/P), P·P·channels] f32, so that a convolution
 * of stride P by a window of P is one matrix product (Dosovitskiy et al. 2020, arXiv 2010.11929).
 * @throws ShapeError where the squares do not fill the image
 */
export function patches(x: Tensor, attributes: PatchAttributes): Tensor {
  return apply(patchesOp, [x], attributes);
}
