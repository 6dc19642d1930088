import { apply, type Op } from '../../autograd/tape.ts';
import { requireShapes, type Tensor } from '../../autograd/tensor.ts';
import {
  pooledRows,
  type TokenPoolShape,
  tokenPoolGradient,
  tokenPool as tokenPoolKernel,
} from '../../kernels/vit/token_pool.ts';
import { flag, requireAttributes, whole } from '../attributes.ts';

/** What becomes of an image's tokens. */
export interface TokenPoolAttributes {
  /** Tokens before those of the patches, the class token first. */
  readonly leading: number;
  /** Whether the class token is a part of the result. */
  readonly classToken: boolean;
  /** Whether the mean of the patches' tokens is a part of it, the last one. */
  readonly mean: boolean;
}

/** y = [x₀; mean of the patches' x], or one of both. */
export const tokenPoolOp: Op<TokenPoolAttributes, undefined> = {
  name: 'token_pool',
  infer([x], attributes) {
    requireAttributes('token_pool', attributes, { leading: whole(1), classToken: flag, mean: flag });
    const { leading } = attributes;
    const [images, tokens, channels] = x!.shape;
    const fits = x!.shape.length === 3 && tokens! > leading && pooledRows(attributes) > 0;
    requireShapes(
      'token_pool',
      [x!],
      fits,
      `tokens [N, T > ${leading}, C], of which the class token, the mean of the patches, or both are asked for`,
    );
    return [{ shape: [images!, pooledRows(attributes) * channels!], dtype: 'f32' }];
  },
  forward(run, [x], [y], attributes) {
    run.dispatch(tokenPoolKernel(describe(x!, attributes)), { x: x!, y: y! });
    return undefined;
  },
  backward(run, { inputs: [x], attributes }, [dy], [dx]) {
    if (dx) run.dispatch(tokenPoolGradient(describe(x!, attributes)), { dy: dy!, dx });
  },
  // A sum over the patches.
  tolerance: 5e-6,
};

function describe({ shape }: Tensor, attributes: TokenPoolAttributes): TokenPoolShape {
  const [images, tokens, channels] = shape as [number, number, number];
  return { images, tokens, channels, ...attributes };
}

/**
 * One row for each image of tokens [N, T, C]: the class token, the mean of the patches' tokens, or one behind the other,
 * [N, C] or [N, 2·C].
 * @throws ShapeError where there is no patch, or nothing is asked for
 */
export function tokenPool(x: Tensor, attributes: TokenPoolAttributes): Tensor {
  return apply(tokenPoolOp, [x], attributes);
}
