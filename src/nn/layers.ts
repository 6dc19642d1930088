import type { Parameters } from '../autograd/parameters.ts';
import type { Tensor } from '../autograd/tensor.ts';
import { type BatchNormTensors, batchNorm } from '../ops/batch_norm.ts';
import { conv2d } from '../ops/conv2d.ts';
import { matmul } from '../ops/matmul.ts';
import { heNormal, ones, uniformFanIn, zeros } from './initialise.ts';

/** A part of a model: maps a tensor to a tensor with the parameters that it declared when it was made. */
export type Layer = (x: Tensor) => Tensor;

/** Where a model declares its tensors, and the seed that they start from. */
export interface ModelContext {
  readonly parameters: Parameters;
  readonly seed: number;
}

/** Channels in and out, side of the square kernel, and pixels between neighbouring windows. */
export interface ConvOptions {
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: number;
  readonly stride: number;
}

/** A convolution without bias, padded to keep the side at stride 1: `${name}.weight` [K, K, inputs, outputs]. */
export function convolution({ parameters, seed }: ModelContext, name: string, options: ConvOptions): Layer {
  const { inputs, outputs, kernel, stride } = options;
  const weightName = `${name}.weight`;
  // torchvision's ResNets take the fan out: it keeps the gradients' variance.
  const initialise = heNormal(seed, weightName, kernel * kernel * outputs);
  const weight = parameters.trainable(weightName, [kernel, kernel, inputs, outputs], initialise, {
    decay: true,
  });
  return (x) => conv2d(x, weight, { stride, pad: (kernel - 1) / 2 });
}

/** Batch norm with ReLU and residual: `${name}.weight` (γ), `.bias` (β), `.running_mean`, `.running_var`. */
export function batchNormalisation(
  { parameters }: ModelContext,
  name: string,
  channels: number,
): (x: Tensor, options?: { relu?: boolean; residual?: Tensor }) => Tensor {
  const tensors: BatchNormTensors = {
    gamma: parameters.trainable(`${name}.weight`, [channels], ones, { decay: false }),
    beta: parameters.trainable(`${name}.bias`, [channels], zeros, { decay: false }),
    runningMean: parameters.buffer(`${name}.running_mean`, [channels], zeros),
    runningVariance: parameters.buffer(`${name}.running_var`, [channels], ones),
  };
  return (x, options = {}) => batchNorm(x, tensors, options);
}

/** x·W (+ bias): `${name}.weight` [inputs, outputs], `${name}.bias` [outputs]. */
export function linear(
  { parameters, seed }: ModelContext,
  name: string,
  options: { inputs: number; outputs: number; bias: boolean },
): Layer {
  const { inputs, outputs } = options;
  const initialise = (tensor: string) => uniformFanIn(seed, `${name}.${tensor}`, inputs);
  const weight = parameters.trainable(`${name}.weight`, [inputs, outputs], initialise('weight'), {
    decay: true,
  });
  const bias = options.bias
    ? parameters.trainable(`${name}.bias`, [outputs], initialise('bias'), { decay: false })
    : undefined;
  return (x) => matmul(x, weight, { bias });
}
