import shader from '#shaders/winograd/transform.wgsl';
import gradientShader from '#shaders/winograd/weight_gradient.wgsl';
import type { Capabilities } from '../gpu/device.ts';
import { type Launch, linearGrid } from '../gpu/launch.ts';
import { areWhole, type Conv2dShape, multiplyAdds } from './conv2d/shape.ts';
import type { MatmulShape } from './matmul.ts';

/** Results along a side of a tile. */
const tile = 4;
/** Places of a transformed tile: what a tile sees is two pixels wider than it is. */
const places = (tile + 2) ** 2;

/** Rows and columns of tiles in an image, and tiles of each. */
function tilesOf({ outHeight, outWidth }: Conv2dShape) {
  const [rows, columns] = [Math.ceil(outHeight / tile), Math.ceil(outWidth / tile)];
  return { rows, columns, each: rows * columns };
}

/** The drivers on which the detour over tiles was found to be faster. */
const faster: Readonly<Record<Capabilities['driver'], boolean>> = {
  llvmpipe: true,
  swiftshader: true,
  gpu: false,
};

/** With fewer channels than these the transforms cost more than they save. */
const fewestChannels = 32;
/** Where more of the multiply-adds than this share are left, as at the edges of small images, tiles do not pay. */
const largestShare = 0.6;

/**
 * Bytes of a part's largest transformed tensor: with more a processor's caches lose between two kernels what the first
 * one wrote.
 */
const partBytes = 8 << 20;

/** Elements of a transformed weight, [36][Cin][Cout]. */
export const winogradWeights = ({ channels, outChannels }: Conv2dShape): number =>
  places * channels * outChannels;

/** Some of a batch's images, which go over tiles together. */
export interface WinogradPart {
  /** The first of them. */
  readonly first: number;
  /** How many. */
  readonly images: number;
}

/** Elements of a part's transformed images [36][tiles][Cin] and sums [36][tiles][Cout]. */
export function partSizes(shape: Conv2dShape, { images }: WinogradPart): { tile: number; sum: number } {
  const tiles = images * tilesOf(shape).each;
  return { tile: places * tiles * shape.channels, sum: places * tiles * shape.outChannels };
}

/** The batch in parts that caches hold; the first is as large as any. */
export function winogradParts(shape: Conv2dShape): readonly WinogradPart[] {
  const { batch } = shape;
  const { tile, sum } = partSizes(shape, { first: 0, images: 1 });
  const most = Math.max(1, Math.floor(partBytes / (4 * Math.max(tile, sum))));
  const images = Math.ceil(batch / Math.ceil(batch / most));
  return Array.from({ length: Math.ceil(batch / images) }, (_, i) => {
    return { first: i * images, images: Math.min(images, batch - i * images) };
  });
}

/** Whether a convolution is computed by Winograd's transforms here: 3×3 at stride 1, of f32, with many channels. */
export function prefersWinograd(capabilities: Capabilities, shape: Conv2dShape): boolean {
  const { kernel, stride, pad, channels, pitch, outChannels, outHeight, outWidth, stored } = shape;
  if (!faster[capabilities.driver] || kernel !== 3 || stride !== 1 || stored !== 'f32') return false;
  // A gradient's convolution has less padding the more its own had.
  if (pad < 0) return false;
  if (pitch !== channels || !areWhole(channels, outChannels)) return false;
  if (Math.min(channels, outChannels) < fewestChannels) return false;
  const share = (places * tilesOf(shape).each) / (kernel ** 2 * outHeight * outWidth);
  const { tile, sum } = partSizes(shape, { first: 0, images: 1 });
  const bytes = 4 * Math.max(tile, sum, winogradWeights(shape));
  return share <= largestShare && bytes <= capabilities.maxBindingBytes;
}

/** The convolution of dy by the turned weights that is the gradient by the input. */
export function turnedShape(shape: Conv2dShape): Conv2dShape {
  const { height, width, channels, outHeight, outWidth, outChannels, kernel, pad } = shape;
  return {
    ...shape,
    ...{ height: outHeight, width: outWidth, channels: outChannels, pitch: outChannels },
    ...{ outHeight: height, outWidth: width, outChannels: channels, pad: kernel - 1 - pad },
  };
}

/** Multiply-adds of a pass that is worth the seconds that its kernels take to compile. */
const leastWork = 2 ** 27;
/** With fewer tiles in a batch the transformed weights, which no others share, cost more than the sums. */
const fewestTiles = 64;

/** Whether a convolution of a program that trains is computed by Winograd's transforms here. */
export const trainsOverTiles = (capabilities: Capabilities, shape: Conv2dShape): boolean =>
  prefersWinograd(capabilities, shape) &&
  multiplyAdds(shape) >= leastWork &&
  shape.batch * tilesOf(shape).each >= fewestTiles;

/** What follows a result of tiles. */
export interface AfterTiles {
  /** Adds a bias. */
  readonly bias?: boolean;
  /** Adds a residual. */
  readonly residual?: boolean;
  /** Makes negative results 0. */
  readonly relu?: boolean;
  /** Adds to y instead of overwriting it. */
  readonly accumulate?: boolean;
}

/** @param count elements of the result, each lane makes four */
function launch(
  entry: string,
  shape: Conv2dShape,
  count: number,
  part?: WinogradPart,
  after: AfterTiles = {},
): Launch {
  const { height, width, channels, outHeight, outWidth, outChannels, pad } = shape;
  const { rows, columns } = tilesOf(shape);
  const { first = 0, images = 0 } = part ?? {};
  return {
    shader,
    entry,
    params: {
      ...{ first, images, height, width, channels: channels / 4, pad, rows, columns },
      ...{ out_height: outHeight, out_width: outWidth, out_channels: outChannels / 4 },
      has_bias: Number(after.bias ?? false),
      has_residual: Number(after.residual ?? false),
      relu: Number(after.relu ?? false),
      accumulate: Number(after.accumulate ?? false),
      four: 4,
    },
    grid: linearGrid(Math.ceil(count / 4 / 64)),
  };
}

/** Weights [3][3][Cin][Cout] to [36][Cin][Cout]. */
export const transformWeights = (shape: Conv2dShape): Launch =>
  launch('transform_weights', shape, shape.channels * shape.outChannels);

/** Weights [3][3][Cin][Cout] of a convolution whose `turnedShape` this is, turned round, to [36][Cout][Cin]. */
export const transformTurnedWeights = (shape: Conv2dShape): Launch =>
  launch('transform_turned_weights', shape, shape.channels * shape.outChannels);

/** A part's images to tiles [36][tiles][Cin]. */
export const transformInput = (shape: Conv2dShape, part: WinogradPart): Launch =>
  launch('transform_input', shape, partSizes(shape, part).tile / places, part);

/** The products of a part's transformed tiles and weights: sums [36][tiles][Cout]. */
export const winogradProduct = (shape: Conv2dShape, { images }: WinogradPart): MatmulShape => ({
  ...{ m: images * tilesOf(shape).each, n: shape.outChannels, k: shape.channels, products: places },
  ...{ transposeA: false, transposeB: false },
});

/** A part's sums to images, and what follows. */
export const transformOutput = (shape: Conv2dShape, part: WinogradPart, after: AfterTiles): Launch =>
  launch('transform_output', shape, partSizes(shape, part).sum / places, part, after);

/** A part's gradients dy to those of its sums, [36][tiles][Cout]. */
export const transformGradient = (shape: Conv2dShape, part: WinogradPart): Launch =>
  gradientLaunch('transform_gradient', shape, partSizes(shape, part).sum / places, part);

/** The products of transformed tiles and gradients: what a part adds to the transformed weights' gradient. */
export const gradientProduct = (shape: Conv2dShape, { first, images }: WinogradPart): MatmulShape => ({
  ...{ m: shape.channels, n: shape.outChannels, k: images * tilesOf(shape).each, products: places },
  ...{ transposeA: true, transposeB: false, accumulate: first > 0 },
});

/** The transformed weights' gradient [36][Cin][Cout] to that of the weights. */
export const transformWeightSums = (shape: Conv2dShape): Launch =>
  gradientLaunch('transform_weight_sums', shape, shape.channels * shape.outChannels);

function gradientLaunch(entry: string, shape: Conv2dShape, count: number, part?: WinogradPart): Launch {
  const { channels, outHeight, outWidth, outChannels } = shape;
  const { rows, columns } = tilesOf(shape);
  const { first = 0, images = 0 } = part ?? {};
  return {
    shader: gradientShader,
    entry,
    params: {
      ...{ first, images, channels: channels / 4, rows, columns },
      ...{ out_height: outHeight, out_width: outWidth, out_channels: outChannels / 4 },
    },
    grid: linearGrid(Math.ceil(count / 4 / 64)),
  };
}
