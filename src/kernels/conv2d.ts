import shader from '#shaders/conv2d.wgsl';
import weightShader from '#shaders/conv2d_weight_gradient.wgsl';
import type { Capabilities } from '../gpu/device.ts';
import type { Launch } from '../gpu/launch.ts';
import { sumParts } from './reduce.ts';
import { conv2dTile } from './tiles.ts';

/** A square convolution of N×H×W×Cin to N×OH×OW×Cout. */
export interface Conv2dShape {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Elements from one pixel of the input to the next: `channels`, or more where pixels are padded. */
  readonly pitch: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outChannels: number;
  readonly kernel: number;
  readonly stride: number;
  readonly pad: number;
}

export function conv2dForward(capabilities: Capabilities, shape: Conv2dShape): Launch {
  const tile = conv2dTile(capabilities);
  const pixels = shape.batch * shape.outHeight * shape.outWidth;
  return {
    shader,
    entry: 'forward',
    constants: { LANES: tile.lanes, PIXELS: tile.rows, CHANNELS: tile.columns },
    params: uniform(shape),
    grid: [Math.ceil(pixels / (tile.lanes * tile.rows)), Math.ceil(shape.outChannels / tile.columns), 1],
  };
}

export function conv2dInputGradient(capabilities: Capabilities, shape: Conv2dShape): Launch {
  const tile = conv2dTile(capabilities);
  const { batch, height, width, channels, stride } = shape;
  const phasePixels = batch * Math.ceil(height / stride) * Math.ceil(width / stride);
  return {
    shader,
    entry: 'input_gradient',
    constants: { LANES: tile.lanes, PIXELS: tile.rows, CHANNELS: tile.columns },
    params: uniform(shape),
    grid: [
      Math.ceil(phasePixels / (tile.lanes * tile.rows)),
      Math.ceil(channels / tile.columns),
      stride * stride,
    ],
  };
}

/** Enough slices of the batch to occupy the device, few enough for the partial gradients to stay small. */
const enoughWorkgroups = 64;
const mostSlices = 64;

/** The partial gradients of slices of output lines, and their ordered sum. */
export function conv2dWeightGradient(
  capabilities: Capabilities,
  shape: Conv2dShape,
): { slices: number; partial: Launch; sum: Launch } {
  const { batch, outHeight, channels, outChannels, kernel } = shape;
  const { lanes } = conv2dTile(capabilities);
  // A lane's taps times its input channels set how often a loaded gradient is used: six to eight keep it in registers.
  const inputs = kernel === 1 ? 4 : kernel === 3 ? 2 : 1;
  const outputs = 16;
  const inputTiles = Math.ceil(channels / (lanes * inputs));
  const outputTiles = Math.ceil(outChannels / outputs);
  const lines = batch * outHeight;
  const wanted = Math.min(
    mostSlices,
    lines,
    Math.ceil(enoughWorkgroups / (inputTiles * outputTiles * kernel)),
  );
  const slice = Math.ceil(lines / wanted);
  const slices = Math.ceil(lines / slice);
  return {
    slices,
    partial: {
      shader: weightShader,
      entry: 'weight_gradient',
      constants: { LANES: lanes, TAPS: kernel, INPUTS: inputs, OUTPUTS: outputs },
      params: { ...uniform(shape), output_tiles: outputTiles, slice },
      grid: [inputTiles * outputTiles, kernel, slices],
    },
    sum: sumParts(slices, kernel * kernel * channels * outChannels),
  };
}

function uniform(shape: Conv2dShape): Record<string, number> {
  const { batch, height, width, channels, pitch, outHeight, outWidth, outChannels, kernel, stride, pad } =
    shape;
  const out = { out_height: outHeight, out_width: outWidth, out_channels: outChannels };
  return { batch, height, width, channels, pitch, ...out, kernel, stride, pad };
}
