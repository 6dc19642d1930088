import type { ParameterStore } from '../autograd/parameter_part.ts';
import { currentTape } from '../autograd/tape.ts';
import type { Tensor } from '../autograd/tensor.ts';
import { type BatchNormTensors, batchNorm, batchNormEpsilon } from '../ops/batch_norm.ts';
import { type Conv2dAttributes, conv2d } from '../ops/conv2d.ts';
import { foldedConvolution } from '../ops/inference/folded_convolution.ts';
import { matmul } from '../ops/matmul.ts';
import type { DropPathAttributes } from '../ops/vit/drop_path.ts';
import { heNormal, ones, uniformFanIn, zeros } from './initialise.ts';

/**
 * A part of a model: maps a tensor to a tensor with the parameters that it declared when it was made.
 * @param counter u32 [2], seed and step, of a training step: what layers that leave things to chance draw from. Without
 *   it they leave nothing to chance.
 */
export type Layer = (x: Tensor, counter?: Tensor) => Tensor;

/** Where a model declares its tensors, and the seed that they start from. */
export interface ModelContext {
  /** Where tensors are declared. */
  readonly parameters: Pick<ParameterStore, 'trainable' | 'buffer'>;
  /** What their first values are drawn from. */
  readonly seed: number;
  /** How layers of an encoder that is trained further differ from those that it was trained with. */
  readonly tuning?: LayerTuning;
}

/** What training further does to single layers, by their names. */
export interface LayerTuning {
  /** The adapter of a linear layer, where it has one. */
  readonly adapter?: (layer: string) => Adapter | undefined;
  /** How often chance leaves out a branch, and the number that it draws by. */
  readonly drop?: (branch: string) => DropPathAttributes | undefined;
}

/** A product of two thin matrices that is added to a weight: W + factor·A·B, A [inputs, rank] and B [rank, outputs]. */
export interface Adapter {
  /** Columns of A and rows of B. */
  readonly rank: number;
  /** What their product is multiplied by. */
  readonly factor: number;
}

/** The sizes of a convolution. */
export interface ConvolutionOptions {
  /** Channels in. */
  readonly inputs: number;
  /** Channels out. */
  readonly outputs: number;
  /** Side of the window, in pixels. */
  readonly kernel: number;
  /** Pixels from one window to the next. */
  readonly stride: number;
  /** Zeros on each side of the image. Default (kernel − 1)/2, which keeps the side at stride 1. */
  readonly pad?: number;
}

/**
 * Declares a convolution without bias over images [N, H, W, inputs]: `${name}.weight` [K, K, inputs, outputs], normal
 * with variance 2/(K²·outputs).
 */
export function convolution(context: ModelContext, name: string, options: ConvolutionOptions): Layer {
  const weight = convolutionWeight(context, name, options);
  const attributes = attributesOf(options);
  return (x) => conv2d(x, weight, attributes);
}

const attributesOf = ({ kernel, stride, pad = (kernel - 1) / 2 }: ConvolutionOptions): Conv2dAttributes => ({
  stride,
  pad,
});

function convolutionWeight({ parameters, seed }: ModelContext, name: string, options: ConvolutionOptions) {
  const { inputs, outputs, kernel } = options;
  const weightName = `${name}.weight`;
  // torchvision's ResNets take the fan out: it keeps the gradients' variance.
  const initialise = heNormal(seed, weightName, kernel * kernel * outputs);
  return parameters.trainable(weightName, [kernel, kernel, inputs, outputs], initialise, { decay: true });
}

/** A layer whose norm adds a residual and takes the ReLU where asked. */
export type NormLayer = (x: Tensor, options?: { relu?: boolean; residual?: Tensor }) => Tensor;

/**
 * Declares a convolution and the batch norm behind it. In a program that evaluates both are one convolution (see
 * `foldedConvolution`).
 */
export function normalisedConvolution(
  context: ModelContext,
  { name, ...options }: ConvolutionOptions & { readonly name: string },
  norm: { readonly name: string; readonly epsilon?: number },
): NormLayer {
  const { epsilon = batchNormEpsilon } = norm;
  const weight = convolutionWeight(context, name, options);
  const tensors = normTensors(context, norm.name, options.outputs);
  const attributes = attributesOf(options);
  return (x, after = {}) => {
    return currentTape().evaluation
      ? foldedConvolution(x, { weight, norm: tensors, epsilon }, attributes, after)
      : batchNorm(conv2d(x, weight, attributes), tensors, { ...after, epsilon });
  };
}

/**
 * Declares a batch norm over the last axis: `${name}.weight` (γ), `.bias` (β), `.running_mean`, `.running_var`, each
 * [channels]. The layer adds a residual and takes the ReLU where asked (see `batchNorm`).
 * @param settings `epsilon` is added to variances: default 1e-5
 */
export function batchNormalisation(
  context: ModelContext,
  name: string,
  channels: number,
  { epsilon = batchNormEpsilon }: { readonly epsilon?: number } = {},
): NormLayer {
  const tensors = normTensors(context, name, channels);
  return (x, options = {}) => batchNorm(x, tensors, { ...options, epsilon });
}

const normTensors = ({ parameters }: ModelContext, name: string, channels: number): BatchNormTensors => ({
  gamma: parameters.trainable(`${name}.weight`, [channels], ones, { decay: false }),
  beta: parameters.trainable(`${name}.bias`, [channels], zeros, { decay: false }),
  runningMean: parameters.buffer(`${name}.running_mean`, [channels], zeros),
  runningVariance: parameters.buffer(`${name}.running_var`, [channels], ones),
});

/**
 * Declares x·W (+ bias) on x [N, inputs]: `${name}.weight` [inputs, outputs], `${name}.bias` [outputs], uniform in
 * ±1/√inputs.
 */
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
