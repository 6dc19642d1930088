import type { Window } from '../ops/window.ts';

/**
 * An encoder's architecture as data. A family of encoders writes a list of blocks; the forward pass, the shapes of
 * weights files, the count of multiply-adds and the ONNX graph each read it with a table of rules, one for each kind of
 * block. A kind that a table leaves out does not compile.
 */
export interface Architecture {
  /** torchvision's or timm's name of the model, `resnet18`. */
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
  | Residual
  | PatchTokens
  | LayerNorm
  | Linear
  | Gelu
  | SelfAttention
  | Branch
  | TokenPool;

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

/**
 * The disjoint squares of an image as tokens, each by one linear map, behind a class token and registers, with positions
 * (Dosovitskiy et al. 2020, arXiv 2010.11929): [N, H, W, 3] to [N, 1 + registers + grid², channels]. timm's names of its
 * tensors: `cls_token`, `reg_token`, `pos_embed`, `patch_embed.proj.weight` and `.bias`.
 */
export interface PatchTokens {
  /** Tells the kinds of blocks apart. */
  readonly kind: 'patchTokens';
  /** Side of a square, in pixels. */
  readonly patch: number;
  /** Squares along a side of the image. */
  readonly grid: number;
  /** Tokens between the class token and the patches that stand for nothing. */
  readonly registers: number;
  /** Tokens before the patches that have a position: none, or the class token. */
  readonly placed: 0 | 1;
  /** Channels of a token. */
  readonly channels: number;
}

/** Layer norm over the channels of each token. */
export interface LayerNorm extends Norm {
  /** Tells the kinds of blocks apart. */
  readonly kind: 'layerNorm';
}

/** x·W + b on each token: `${name}.weight`, and `${name}.bias` where it has one. */
export interface Linear {
  /** Tells the kinds of blocks apart. */
  readonly kind: 'linear';
  /** timm's name of the layer: `blocks.0.attn.qkv`. */
  readonly name: string;
  /** Channels in. */
  readonly inputs: number;
  /** Channels out. */
  readonly outputs: number;
  /** Whether a vector is added. */
  readonly bias: boolean;
}

/** x·Φ(x) by the error function. */
export interface Gelu {
  /** Tells the kinds of blocks apart. */
  readonly kind: 'gelu';
  /** timm's name of the layer: `blocks.0.mlp.act`. */
  readonly name: string;
}

/** softmax(q·kᵀ/√D)·v of each head, from [N, T, 3·channels] to [N, T, channels]. */
export interface SelfAttention {
  /** Tells the kinds of blocks apart. */
  readonly kind: 'selfAttention';
  /** timm's name of the layer: `blocks.0.attn`. */
  readonly name: string;
  /** Heads, into which the channels are dealt. */
  readonly heads: number;
  /** Channels of a token, of all heads together. */
  readonly channels: number;
}

/** x + γ·path(x), or without γ x + path(x). */
export interface Branch {
  /** Tells the kinds of blocks apart. */
  readonly kind: 'branch';
  /** Where it stands: `blocks.0.attn`. */
  readonly name: string;
  /** Blocks from x to what is added to it. */
  readonly path: readonly Block[];
  /** A factor for each channel, `${name}.gamma` (Touvron et al. 2021, arXiv 2103.17239). */
  readonly scale?: { readonly name: string; readonly channels: number };
}

/** One row for each image of its tokens. */
export interface TokenPool {
  /** Tells the kinds of blocks apart. */
  readonly kind: 'tokenPool';
  /** Where it stands: `pool`. */
  readonly name: string;
  /** Tokens before those of the patches. */
  readonly leading: number;
  /** The class token, the mean of the patches' tokens, or both, one behind the other. */
  readonly pooling: 'class' | 'mean' | 'both';
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
