import { apply, type Op } from '../../autograd/tape.ts';
import { requireShapes, type Tensor } from '../../autograd/tensor.ts';
import {
  gatherTokens as gatherKernel,
  type MaskTokenShape,
  spreadTokens,
} from '../../kernels/generative/mask_tokens.ts';
import { requireAttributes, whole } from '../attributes.ts';
import type { PatchMask } from './mask.ts';

/** Which tokens are kept. */
export interface VisibleAttributes {
  /** Tokens before those of the patches, which are always kept. */
  readonly leading: number;
  /** Patches of an image whose tokens are kept. */
  readonly visible: number;
}

/** y[n, t] = x[n, t] for the leading tokens, then x[n, L + order[n, v]] for each rank v below V. */
export const gatherTokensOp: Op<VisibleAttributes, undefined> = {
  name: 'gather_tokens',
  integers: [1, 2],
  infer(inputs, attributes) {
    requireAttributes('gather_tokens', attributes, { leading: whole(0), visible: whole(1) });
    const { leading, visible } = attributes;
    const [x, order, ranks] = inputs;
    const patches = order!.shape[1]!;
    const [images, tokens, channels] = x!.shape;
    const fits =
      x!.shape.length === 3 &&
      tokens === leading + patches &&
      order!.shape.join() === [images, patches].join() &&
      ranks!.shape.join() === order!.shape.join() &&
      visible <= patches;
    requireShapes(
      'gather_tokens',
      inputs,
      fits,
      `tokens [N, ${leading} + P, C], order and ranks [N, P] of ${visible} patches or more`,
    );
    return [{ shape: [images!, leading + visible, channels!], dtype: 'f32' }];
  },
  forward(run, [x, order], [y], attributes) {
    run.dispatch(gatherKernel(describe(x!, attributes)), { order: order!, x: x!, y: y! });
    return undefined;
  },
  backward(run, { inputs: [x, , ranks], attributes }, [dy], [dx]) {
    if (dx) run.dispatch(spreadTokens(describe(x!, attributes)), { ranks: ranks!, x: dy!, y: dx });
  },
  // Nothing is rounded.
  tolerance: 1e-6,
};

function describe({ shape }: Tensor, { leading, visible }: VisibleAttributes): MaskTokenShape {
  const [images, tokens, channels] = shape as [number, number, number];
  return { images, patches: tokens - leading, visible, leading, channels };
}

/**
 * Takes the tokens of visible patches, in the order of their ranks, behind the `leading` ones: [N, L + P, C] to
 * [N, L + V, C].
 * @throws ShapeError where the shapes do not fit
 */
export function gatherTokens(x: Tensor, { order, ranks, visible }: PatchMask, leading: number): Tensor {
  return apply(gatherTokensOp, [x, order, ranks], { leading, visible });
}
