import { apply, currentTape, type Op } from '../autograd/tape.ts';
import { expectShapes, type Tensor } from '../autograd/tensor.ts';
import {
  batchNormGradient,
  batchStatistics,
  normalise,
  type Rows,
  runningStatistics,
} from '../kernels/batch_norm.ts';
import { reluGradient, scale } from '../kernels/elementwise.ts';

export interface BatchNormAttributes {
  /** Take the batch's statistics and move the running ones; else take the running ones. */
  readonly training: boolean;
  readonly relu: boolean;
  readonly epsilon: number;
  readonly momentum: number;
}

/** y = relu(γ·(x − μ)/√(variance + ε) + β + residual) over channels, the last axis (Ioffe & Szegedy 2015). */
export const batchNormOp: Op<BatchNormAttributes, { mean: Tensor; inverseStd: Tensor }> = {
  name: 'batch_norm',
  infer(inputs, { training }) {
    const [x, gamma, beta, mean, variance, residual] = inputs;
    const channels = x!.shape.at(-1);
    const perChannel = [gamma, beta, mean, variance].every(
      (t) => t!.shape.length === 1 && t!.shape[0] === channels,
    );
    const residualFits = !residual || residual.shape.join() === x!.shape.join();
    const enough = !training || rowsOf(x!).rows > 1;
    expectShapes(
      'batch_norm',
      inputs,
      perChannel && residualFits && enough,
      'x [..., C], γ, β, running mean and variance [C], a residual of the shape of x, and in training more than one row',
    );
    return [{ shape: x!.shape, dtype: 'f32' }];
  },
  forward(run, [x, gamma, beta, runningMean, runningVariance, residual], [y], attributes) {
    const { training, relu, epsilon, momentum } = attributes;
    const shape = rowsOf(x!);
    const mean = run.temporary('batch mean', [shape.channels]);
    const inverseStd = run.temporary('batch inverse std', [shape.channels]);
    const running = { running_mean: runningMean!, running_variance: runningVariance! };
    const current = { new_mean: mean, new_inverse_std: inverseStd };
    if (training) {
      const { blocks, statistics, join } = batchStatistics(shape, epsilon, momentum);
      const partial = run.temporary('partial statistics', [blocks, 2, shape.channels]);
      run.dispatch(statistics, { x: x!, partial });
      run.dispatch(join, { parts: partial, ...running, ...current });
    } else {
      run.dispatch(runningStatistics(shape, epsilon), { ...running, ...current });
    }
    const tensors = { x: x!, mean, inverse_std: inverseStd, gamma: gamma!, beta: beta!, y: y! };
    // Without a residual the kernel does not read its binding, which then needs some buffer to be valid.
    run.dispatch(normalise(shape, { relu, residual: residual !== undefined }), {
      ...tensors,
      residual: residual ?? x!,
    });
    return { mean, inverseStd };
  },
  backward(run, { inputs, outputs, attributes, saved }, [dy], [dx, dGamma, dBeta, , , dResidual]) {
    const [x, gamma] = inputs;
    const shape = rowsOf(x!);
    let g = dy!;
    // The residual's gradient is dy behind the ReLU's mask, which the other gradients then need not apply again.
    if (dResidual) {
      if (attributes.relu) run.dispatch(reluGradient(x!.size), { x: dy!, other: outputs[0]!, y: dResidual });
      else run.dispatch(scale(x!.size, 1), { x: dy!, y: dResidual });
      g = dResidual;
    }
    const relu = attributes.relu && !dResidual;
    const { blocks, sums, parameters, input } = batchNormGradient(shape, {
      relu,
      training: attributes.training,
    });
    const { mean, inverseStd } = saved;
    const shared = { x: x!, y: outputs[0]!, dy: g, mean };
    const betaGradient = dBeta ?? run.temporary('β gradient', [shape.channels]);
    const gammaGradient = dGamma ?? run.temporary('γ gradient', [shape.channels]);
    const partial = run.temporary('partial γ, β gradients', [blocks, 2, shape.channels]);
    const coefficients = run.temporary('coefficients of the input gradient', [3, shape.channels]);
    run.dispatch(sums, { ...shared, inverse_std: inverseStd, partial });
    run.dispatch(parameters, {
      parts: partial,
      beta_gradient: betaGradient,
      gamma_gradient: gammaGradient,
      inverse_std: inverseStd,
      gamma: gamma!,
      new_coefficients: coefficients,
    });
    if (dx) run.dispatch(input, { ...shared, coefficients, dx });
  },
  // Two passes of f32 sums over the rows, and a difference of nearly equal terms in dx.
  tolerance: 2e-5,
};

function rowsOf(x: Tensor): Rows {
  const channels = x.shape.at(-1)!;
  return { rows: x.size / channels, channels };
}

/** The tensors of one normalisation, each [C]. */
export interface BatchNormTensors {
  readonly gamma: Tensor;
  readonly beta: Tensor;
  readonly runningMean: Tensor;
  readonly runningVariance: Tensor;
}

/**
 * Normalises x [..., C] channel by channel, then adds `residual` and applies ReLU where asked. In training mode (the
 * tape's) the batch's statistics are used and the running ones moved by `momentum`; inside `evaluating` the reverse.
 * @throws ShapeError where the shapes do not fit or a training batch has a single row
 */
export function batchNorm(
  x: Tensor,
  tensors: BatchNormTensors,
  options: { relu?: boolean; residual?: Tensor | undefined; epsilon?: number; momentum?: number } = {},
): Tensor {
  const { relu = false, residual, epsilon = 1e-5, momentum = 0.1 } = options;
  const { gamma, beta, runningMean, runningVariance } = tensors;
  const inputs = [x, gamma, beta, runningMean, runningVariance, ...(residual ? [residual] : [])];
  return apply(batchNormOp, inputs, { training: currentTape().training, relu, epsilon, momentum });
}
