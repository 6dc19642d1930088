import shader from '#shaders/winograd/transform.wgsl';
import type { Capabilities } from '../gpu/device.ts';
import { type Launch, linearGrid } from '../gpu/launch.ts';
import { areWhole, type Conv2dShape } from './conv2d/shape.ts';
import type { MatmulShape } from './matmul.ts';

/** Results along a side of a tile. */
const tile = 4;
/** Places of a transformed tile: what a tile sees is two pixels wider than it is. */
const places = (tile + 2) ** 2;

/** Rows and columns of tiles in an image, and tiles of a batch. */
function tilesOf({ batch, outHeight, outWidth }: Conv2dShape) {
  const [rows, columns] = [Math.ceil(outHeight / tile), Math.ceil(outWidth / tile)];
  return { rows, columns, tiles: batch * rows * columns };
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

/** Elements of each of the three transformed tensors, [36][…]: weights, tiles, sums. */
export function winogradSizes(shape: Conv2dShape): { weight: number; tile: number; sum: number } {
  const { channels, outChannels } = shape;
  const { tiles } = tilesOf(shape);
  return {
    weight: places * channels * outChannels,
    tile: places * tiles * channels,
    sum: places * tiles * outChannels,
  };
}

/** Whether a convolution is computed by Winograd's transforms here: 3×3 at stride 1, of f32, with many channels. */
export function prefersWinograd(capabilities: Capabilities, shape: Conv2dShape): boolean {
  const { kernel, stride, channels, pitch, outChannels, outHeight, outWidth, batch, stored } = shape;
  if (!faster[capabilities.driver] || kernel !== 3 || stride !== 1 || stored !== 'f32') return false;
  if (pitch !== channels || !areWhole(channels, outChannels)) return false;
  if (Math.min(channels, outChannels) < fewestChannels) return false;
  const share = (places * tilesOf(shape).tiles) / (kernel ** 2 * batch * outHeight * outWidth);
  const bytes = 4 * Math.max(...Object.values(winogradSizes(shape)));
  return share <= largestShare && bytes <= capabilities.maxBindingBytes;
}

function launch(
  entry: string,
  shape: Conv2dShape,
  count: number,
  after = { residual: false, relu: false },
): Launch {
  const { batch, height, width, channels, outHeight, outWidth, outChannels, pad } = shape;
  const { rows, columns } = tilesOf(shape);
  return {
    shader,
    entry,
    params: {
      ...{ batch, height, width, channels: channels / 4, pad, rows, columns },
      ...{ out_height: outHeight, out_width: outWidth, out_channels: outChannels / 4 },
      has_residual: Number(after.residual),
      relu: Number(after.relu),
    },
    grid: linearGrid(Math.ceil(count / 4 / 64)),
  };
}

/** Weights [3][3][Cin][Cout] to [36][Cin][Cout]. */
export const transformWeights = (shape: Conv2dShape): Launch =>
  launch('transform_weights', shape, shape.channels * shape.outChannels);

/** Images to tiles [36][tiles][Cin]. */
export const transformInput = (shape: Conv2dShape): Launch =>
  launch('transform_input', shape, tilesOf(shape).tiles * shape.channels);

/** The products of transformed tiles and weights: sums [36][tiles][Cout]. */
export const winogradProduct = (shape: Conv2dShape): MatmulShape => ({
  ...{ m: tilesOf(shape).tiles, n: shape.outChannels, k: shape.channels, products: places },
  ...{ transposeA: false, transposeB: false },
});

/** Sums to images, with a bias, a residual and ReLU where asked. */
export const transformOutput = (
  shape: Conv2dShape,
  after: { readonly residual: boolean; readonly relu: boolean },
): Launch => launch('transform_output', shape, tilesOf(shape).tiles * shape.outChannels, after);
