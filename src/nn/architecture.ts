import type { Window } from '../ops/window.ts';

/**
 * An encoder's architecture as data. A family of encoders writes a list of blocks; the forward pass, the shapes of
 * weights files, the count of multiply-adds and the ONNX graph each read it with a table of rules, one for each kind of
 * block. A kind that a table leaves out does not compile.
 */
export interface Architecture {
  /** torchvision's name of the model, `resnet18`. */
  readonly name: string;
  /** Its name in sentences, `ResNet-18`. */
  readonly title: string;
  /** Run one behind the other on images [N, H, W, 3]; the last gives features [N, `featureSize`]. */
  readonly blocks: readonly Block[];
  /** Numbers that the encoder gives for an image. */
  readonly featureSize: number;
}

/** One layer of an architecture, or several that belong together. */
export type Block =
  | Convolution
  | BatchNorm
  | MaxPool
  | AveragePool
  | GlobalAveragePool
  | SubsamplePad
  | Residual;

/** y = x ∗ w, without a bias; its tensor is `${name}.weight`. */
export interface Convolution extends Window {
  /** Tells the kinds of blocks apart. */
  readonly kind: 'convolution';
  /** torchvision's name of the layer: `layer1.0.conv1`. */
  readonly name: string;
  /** Channels in. */
  readonly inputs: number;
  /** Channels out. */
  readonly outputs: number;
}

/** A normalisation's name, from which those of its tensors follow, its channels and its ε. */
export interface Norm {
  /** torchvision's name of the layer: `layer1.0.bn1`. */
  readonly name: string;
  /** Channels of its images. */
  readonly channels: number;
  /** Added to the variance. */
  readonly epsilon: number;
}

/** Batch norm, and ReLU where asked. */
export interface BatchNorm extends Norm {
  /** Tells the kinds of blocks apart. */
  readonly kind: 'batchNorm';
  /** Whether negative results become 0. */
  readonly relu: boolean;
}

/** The maximum over square windows. */
export interface MaxPool extends Window {
  /** Tells the kinds of blocks apart. */
  readonly kind: 'maxPool';
  /** torchvision's name of the layer: `maxpool`. */
  readonly name: string;
}

/** The mean over disjoint K×K windows; of one that sticks out at the end, over its pixels in the image. */
export interface AveragePool {
  /** Tells the kinds of blocks apart. */
  readonly kind: 'averagePool';
  /** timm's name of the layer: `layer2.0.downsample.0`. */
  readonly name: string;
  /** Side of a window, and pixels from one to the next. */
  readonly kernel: number;
}

/** The mean over all pixels of each channel: [N, H, W, C] to [N, C]. */
export interface GlobalAveragePool {
  /** Tells the kinds of blocks apart. */
  readonly kind: 'globalAveragePool';
  /** torchvision's name of the layer: `avgpool`. */
  readonly name: string;
}

/**
 * Every `stride`-th row and column, and channels of zeros on both sides up to `outputs`: a shortcut without parameters
 * (He et al. 2015, arXiv 1512.03385, option A).
 */
export interface SubsamplePad {
  /** Tells the kinds of blocks apart. */
  readonly kind: 'subsamplePad';
  /** Where it stands: `layer2.0.shortcut`. */
  readonly name: string;
  /** Pixels from one that is kept to the next. */
  readonly stride: number;
  /** Channels of zeros before those of x. */
  readonly before: number;
  /** Channels of zeros behind those of x. */
  readonly after: number;
}

/** relu(norm(path(x)) + shortcut(x)) (He et al. 2015, arXiv 1512.03385). */
export interface Residual {
  /** Tells the kinds of blocks apart. */
  readonly kind: 'residual';
  /** torchvision's name of the block: `layer1.0`. */
  readonly name: string;
  /** Blocks from x to what `norm` normalises. */
  readonly path: readonly Block[];
  /** Closes the path; one kernel normalises, adds the shortcut and takes the ReLU. */
  readonly norm: Norm;
  /** Brings x to the shape of the sum; x itself where it is empty. */
  readonly shortcut: readonly Block[];
}

/** One way to read architectures: for each kind of block what it comes to in a context. */
export type Rules<Context, Result> = {
  readonly [Kind in Block['kind']]: (
    block: Extract<Block, { readonly kind: Kind }>,
    context: Context,
  ) => Result;
};

/** What a block comes to by the rule of its kind. */
export function interpret<Context, Result>(
  rules: Rules<Context, Result>,
  block: Block,
  context: Context,
): Result {
  // The table has for each kind a rule that takes its blocks, which the compiler cannot follow through the lookup.
  const rule = rules[block.kind] as (block: Block, context: Context) => Result;
  return rule(block, context);
}
