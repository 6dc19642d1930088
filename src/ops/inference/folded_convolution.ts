import { constant, prepare } from '../../autograd/prepared.ts';
import { currentTape, type Tape } from '../../autograd/tape.ts';
import { requireShapes, type Tensor } from '../../autograd/tensor.ts';
import { conv2dForward } from '../../kernels/conv2d/conv2d.ts';
import { foldNorm } from '../../kernels/fold_norm.ts';
import { prefersWinograd, transformWeights, winogradWeights } from '../../kernels/winograd.ts';
import { positive, requireAttributes } from '../attributes.ts';
import type { BatchNormTensors } from '../batch_norm.ts';
import { type Conv2dAttributes, conv2dOp, describe } from '../conv2d.ts';
import { convolutionOverTiles } from '../winograd.ts';

/** A convolution with the batch norm behind it. */
export interface NormalisedConvolution {
  /** [K, K, C, Cout]. */
  readonly weight: Tensor;
  /** The norm's, each [Cout]. */
  readonly norm: BatchNormTensors;
  /** What the norm adds to variances. */
  readonly epsilon: number;
}

/** What comes behind the norm. */
export interface AfterNorm {
  /** Whether negative results become 0. */
  readonly relu?: boolean;
  /** Added before that, of the result's shape. */
  readonly residual?: Tensor | undefined;
}

/**
 * relu(norm(x ∗ w) + residual) with the norm on its running statistics, as one convolution: the norm's scale goes into
 * the weights and its shift becomes a bias (Jacob et al. 2017, arXiv 1712.05877, section 3.2), so that neither the
 * convolution's result nor a normalised copy of it is stored. Weights are folded in f32, each rounded twice more than
 * without (its scale and its product, 2⁻²³ of it at most); the recording's preparation does it. Records no gradient.
 * @throws ShapeError where the shapes do not fit
 */
export function foldedConvolution(
  x: Tensor,
  convolution: NormalisedConvolution,
  attributes: Conv2dAttributes,
  { relu = false, residual }: AfterNorm = {},
): Tensor {
  const { weight, norm, epsilon } = convolution;
  requireAttributes('folded convolution', { epsilon }, { epsilon: positive });
  const tape = currentTape();
  const [spec] = conv2dOp.infer([x, weight], attributes);
  const channels = weight.shape[3]!;
  const perChannel = Object.values(norm).every(({ shape }) => shape.length === 1 && shape[0] === channels);
  const fits = !residual || (residual.shape.join() === spec!.shape.join() && residual.dtype === x.dtype);
  requireShapes(
    'folded convolution',
    [x, weight, ...Object.values(norm), ...(residual ? [residual] : [])],
    perChannel && fits,
    'images, weights [K, K, C, Cout], γ, β, running mean and variance [Cout], and a residual of the shape of the result',
  );
  const y = tape.temporary('folded convolution', spec!.shape, spec!.dtype);
  const shape = describe(x, weight, attributes);
  const isByTiles = prefersWinograd(tape.capabilities, shape);
  // By tiles it is transformed weights that last, not the folded ones.
  const make = isByTiles ? tape.temporary.bind(tape) : constant.bind(undefined, tape);
  const folded = fold(tape, convolution, make('folded weights', weight.shape));
  const after = { relu, residual: residual !== undefined };
  if (isByTiles) {
    const transformed = constant(tape, 'transformed weights', [winogradWeights(shape)]);
    prepare(tape, transformWeights(shape), { weight: folded.weight, new_weight: transformed });
    const tensors = { x, y, transformed, bias: folded.bias, ...(residual && { residual }) };
    convolutionOverTiles(tape, shape, tensors, { bias: true, ...after });
  } else {
    // Without a residual kernels do not read its binding, which then needs some buffer to be valid.
    const tensors = { x, y, ...folded, residual: residual ?? x };
    tape.dispatch(conv2dForward(tape, shape, { bias: true, ...after }), tensors);
  }
  return y;
}

/** Folds the norm into `folded`, in the shape of the convolution's weights, and a bias [Cout]. */
function fold(tape: Tape, { weight, norm, epsilon }: NormalisedConvolution, folded: Tensor) {
  const channels = weight.shape[3]!;
  const bias = constant(tape, 'folded bias', [channels]);
  prepare(tape, foldNorm(weight.size / channels, channels, epsilon), {
    weight,
    gamma: norm.gamma,
    beta: norm.beta,
    running_mean: norm.runningMean,
    running_variance: norm.runningVariance,
    folded_weight: folded,
    folded_bias: bias,
  });
  return { weight: folded, bias };
}
