import { apply, type Op } from '../../autograd/tape.ts';
import { requireShapes, type Tensor } from '../../autograd/tensor.ts';
import {
  gatherTokens,
  hiddenSums,
  type MaskTokenShape,
  scatterTokens as scatterKernel,
} from '../../kernels/generative/mask_tokens.ts';
import { sumParts } from '../../kernels/reduce.ts';
import { imageSums } from '../../kernels/vit/tokens.ts';
import { requireAttributes, whole } from '../attributes.ts';
import type { VisibleAttributes } from './gather_tokens.ts';
import type { PatchMask } from './mask.ts';

/** y[n, t] = kept token, or the mask's where the patch is hidden, + positions[t]. */
export const scatterTokensOp: Op<VisibleAttributes, undefined> = {
  name: 'scatter_tokens',
  integers: [1, 2],
  infer(inputs, attributes) {
    requireAttributes('scatter_tokens', attributes, { leading: whole(0), visible: whole(1) });
    const { leading, visible } = attributes;
    const [x, order, ranks, maskToken, positions] = inputs;
    const patches = order!.shape[1]!;
    const [images, kept, channels] = x!.shape;
    const fits =
      x!.shape.length === 3 &&
      kept === leading + visible &&
      order!.shape.join() === [images, patches].join() &&
      ranks!.shape.join() === order!.shape.join() &&
      visible <= patches &&
      maskToken!.shape.join() === `${channels}` &&
      positions!.shape.join() === [leading + patches, channels].join();
    requireShapes(
      'scatter_tokens',
      inputs,
      fits,
      `tokens [N, ${leading} + ${visible}, C], order and ranks [N, P], the mask's token [C] and positions [${leading} + P, C]`,
    );
    return [{ shape: [images!, leading + patches, channels!], dtype: 'f32' }];
  },
  forward(run, inputs, [y], attributes) {
    const [x, , ranks, maskToken, positions] = inputs;
    run.dispatch(scatterKernel(describe(inputs, attributes)), {
      ...{ ranks: ranks!, x: x!, mask_token: maskToken!, positions: positions!, y: y! },
    });
    return undefined;
  },
  backward(run, { inputs, attributes }, [dy], [dx, , , dToken, dPositions]) {
    const shape = describe(inputs, attributes);
    const { images, patches, leading, channels } = shape;
    const order = inputs[1]!;
    if (dx) run.dispatch(gatherTokens(shape), { order, x: dy!, y: dx });
    if (dToken) {
      const partial = run.temporary('mask token gradients', [images, channels]);
      run.dispatch(hiddenSums(shape), { order, x: dy!, y: partial });
      run.dispatch(sumParts(images, channels), { partial, total: dToken });
    }
    if (dPositions) {
      const rows = leading + patches;
      const tokens = { images, tokens: rows, channels, leading, placed: leading };
      run.dispatch(imageSums(tokens, { first: 0, rows, to: 0 }), { dy: dy!, total: dPositions });
    }
  },
  // A rounding forward; backward a sum over images and hidden patches.
  tolerance: 2e-6,
};

function describe([x, order]: readonly Tensor[], { leading, visible }: VisibleAttributes): MaskTokenShape {
  const [images, , channels] = x!.shape as [number, number, number];
  return { images, patches: order!.shape[1]!, visible, leading, channels };
}

/** What stands where nothing was seen, and where everything is. */
export interface ScatterTensors {
  /** [C] */
  readonly maskToken: Tensor;
  /** [L + P, C] */
  readonly positions: Tensor;
}

/**
 * Puts the kept tokens [N, L + V, C] back to the places of their patches, with the mask's token for those that were hidden,
 * and adds positions: [N, L + P, C] (He et al. 2021, arXiv 2111.06377).
 * @throws ShapeError where the shapes do not fit
 */
export function scatterTokens(
  x: Tensor,
  { order, ranks, visible }: PatchMask,
  { maskToken, positions }: ScatterTensors,
): Tensor {
  const leading = x.shape[1]! - visible;
  return apply(scatterTokensOp, [x, order, ranks, maskToken, positions], { leading, visible });
}
