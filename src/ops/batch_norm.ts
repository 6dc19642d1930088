import { gather } from '../autograd/gather.ts';
import type { Ranks } from '../autograd/ranks.ts';
import { apply, currentTape, type Op, type Run } from '../autograd/tape.ts';
import { floatType, requireShapes, type Tensor } from '../autograd/tensor.ts';
import {
  batchNormGradient,
  batchStatistics,
  normalise,
  type Rows,
  rankGradients,
  rankStatistics,
  runningStatistics,
  statisticsRows,
} from '../kernels/batch_norm.ts';
import { flag, positive, requireAttributes, share } from './attributes.ts';

/** What batch norm adds to a variance where no other ε is asked for; PyTorch's and ONNX's default too. */
export const batchNormEpsilon = 1e-5;

/** A recorded normalisation. */
export interface BatchNormAttributes {
  /** Take the batch's statistics and move the running ones; else take the running ones. */
  readonly training: boolean;
  /** Whether negative results become 0. */
  readonly relu: boolean;
  /** Added to the variance. */
  readonly epsilon: number;
  /** The share by which the batch's statistics move the running ones. */
  readonly momentum: number;
}

const batchNormRules = { training: flag, relu: flag, epsilon: positive, momentum: share };

/** y = relu(γ·(x − μ)/√(variance + ε) + β + residual) over channels, the last axis (Ioffe & Szegedy 2015). */
export const batchNormOp: Op<BatchNormAttributes, { statistics: Tensor }> = {
  name: 'batch_norm',
  activations: [0, 5],
  infer(inputs, attributes) {
    requireAttributes('batch_norm', attributes, batchNormRules);
    const { training } = attributes;
    const [x, gamma, beta, mean, variance, residual] = inputs;
    const channels = x!.shape.at(-1);
    const perChannel = [gamma, beta, mean, variance].every(
      (t) => t!.shape.length === 1 && t!.shape[0] === channels,
    );
    const residualFits = !residual || residual.shape.join() === x!.shape.join();
    const enough = !training || rowsOf(x!).rows > 1;
    requireShapes(
      'batch_norm',
      inputs,
      perChannel && residualFits && enough,
      'x [..., C], γ, β, running mean and variance [C], a residual of the shape of x, and in training more than one row',
    );
    return [{ shape: x!.shape, dtype: x!.dtype }];
  },
  forward(run, [x, gamma, beta, runningMean, runningVariance, residual], [y], attributes) {
    const { training, relu, epsilon, momentum } = attributes;
    const shape = rowsOf(x!);
    const statistics = run.temporary('statistics', [statisticsRows, shape.channels]);
    const channels = {
      gamma: gamma!,
      beta: beta!,
      running_mean: runningMean!,
      running_variance: runningVariance!,
      new_statistics: statistics,
    };
    if (training) {
      const { parts, partial, join } = batchStatistics(run.capabilities, shape, epsilon, momentum);
      const statisticsOfParts = run.temporary('partial statistics', [parts, 2, shape.channels]);
      run.dispatch(partial, { x: x!, partial: statisticsOfParts });
      const ranks = sharing(run, attributes);
      if (ranks) {
        const among = rankStatistics(run.capabilities, shape, ranks.link.size, { epsilon, momentum });
        const own = run.temporary('statistics of a rank', [2, shape.channels]);
        run.dispatch(among.own, { parts: statisticsOfParts, own_statistics: own });
        run.dispatch(among.join, { parts: gather(run, ranks, 'statistics of batch norm', own), ...channels });
      } else {
        run.dispatch(join, { parts: statisticsOfParts, ...channels });
      }
    } else {
      run.dispatch(runningStatistics(run.capabilities, shape, epsilon), channels);
    }
    // Without a residual the kernel does not read its binding, which then needs some buffer to be valid.
    const options = { relu, residual: residual !== undefined };
    const tensors = { x: x!, statistics, y: y!, residual: residual ?? x! };
    run.dispatch(normalise(run.capabilities, shape, options), tensors);
    return { statistics };
  },
  backward(run, { inputs, outputs, attributes, saved }, [dy], [dx, dGamma, dBeta, , , dResidual]) {
    const { statistics } = saved;
    const x = inputs[0]!;
    const shape = rowsOf(x);
    const { relu, training } = attributes;
    // A residual that is a constant still takes part in the ReLU's mask.
    const residual = inputs.length > 5;
    const masked = residual
      ? (dResidual ?? run.temporary('gradient behind the ReLU', x.shape, x.dtype))
      : undefined;
    const options = { relu, residual, training };
    const { parts, sums, parameters, input } = batchNormGradient(run.capabilities, shape, options);
    const partial = run.temporary('partial γ, β gradients', [parts, 2, shape.channels]);
    const coefficients = run.temporary('coefficients of the input gradient', [2, shape.channels]);
    run.dispatch(sums, {
      x,
      y: residual ? outputs[0]! : x,
      dy: dy!,
      statistics,
      partial,
      // Without a residual the kernel writes none.
      residual_gradient: masked ?? coefficients,
    });
    const gradients = {
      beta_gradient: dBeta ?? run.temporary('β gradient', [shape.channels]),
      gamma_gradient: dGamma ?? run.temporary('γ gradient', [shape.channels]),
    };
    const ranks = sharing(run, attributes);
    if (ranks) {
      const among = rankGradients(run.capabilities, shape, ranks.link.size);
      const own = run.temporary('sums of a rank', [2, shape.channels]);
      run.dispatch(among.own, { parts: partial, statistics, ...gradients, own_sums: own });
      const all = gather(run, ranks, 'sums of batch norm', own);
      run.dispatch(among.coefficients, { parts: all, statistics, new_coefficients: coefficients });
    } else {
      run.dispatch(parameters, { parts: partial, statistics, ...gradients, new_coefficients: coefficients });
    }
    if (dx) run.dispatch(input, { x, dy: masked ?? dy!, statistics, coefficients, dx });
  },
  // Two passes of f32 sums over the rows, and a difference of nearly equal terms in dx.
  tolerance: 2e-5,
};

/** The ranks over whose rows the statistics go; undefined where they are those of the own rows alone. */
const sharing = ({ ranks }: Run, { training }: BatchNormAttributes): Ranks | undefined =>
  training && ranks?.norm === 'global' ? ranks : undefined;

function rowsOf(x: Tensor): Rows {
  const channels = x.shape.at(-1)!;
  return { rows: x.size / channels, channels, stored: floatType(x) };
}

/** The tensors of one normalisation, each [C]. */
export interface BatchNormTensors {
  /** γ [C], which normalised values are multiplied by. */
  readonly gamma: Tensor;
  /** β [C], which is added to them. */
  readonly beta: Tensor;
  /** [C], which training moves and evaluation takes. */
  readonly runningMean: Tensor;
  /** [C], which training moves and evaluation takes. */
  readonly runningVariance: Tensor;
}

/**
 * Normalises x [..., C] channel by channel, then adds `residual` and applies ReLU where asked. In training mode (the
 * tape's) the batch's statistics are used and the running ones moved by `momentum`, or left as they are inside
 * `withoutMovingStatistics`; inside `evaluating` the running ones are used and stay.
 * @throws ShapeError where the shapes do not fit or a training batch has a single row; RangeError where ε is not above 0
 *   or the momentum no share
 */
export function batchNorm(
  x: Tensor,
  tensors: BatchNormTensors,
  options: { relu?: boolean; residual?: Tensor | undefined; epsilon?: number; momentum?: number } = {},
): Tensor {
  const { relu = false, residual, epsilon = batchNormEpsilon, momentum = 0.1, ...others } = options;
  const { gamma, beta, runningMean, runningVariance } = tensors;
  const inputs = [x, gamma, beta, runningMean, runningVariance, ...(residual ? [residual] : [])];
  const { training, movingStatistics } = currentTape();
  const moves = movingStatistics ? momentum : 0;
  return apply(batchNormOp, inputs, { training, relu, epsilon, momentum: moves, ...others });
}
