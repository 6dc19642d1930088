import shader from '#shaders/conv2d.wgsl';
import weightShader from '#shaders/conv2d_weight_gradient.wgsl';
import type { Launch } from '../gpu/launch.ts';
import { sumParts } from './reduce.ts';

/** A square convolution of N×H×W×Cin to N×OH×OW×Cout. */
export interface Conv2dShape {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outChannels: number;
  readonly kernel: number;
  readonly stride: number;
  readonly pad: number;
}

const lanes = 8;
const tile = { pixels: 8, channels: 8 };

export function conv2dForward(shape: Conv2dShape): Launch {
  const pixels = shape.batch * shape.outHeight * shape.outWidth;
  return {
    shader,
    entry: 'forward',
    constants: { LANES: lanes, PIXELS: tile.pixels, CHANNELS: tile.channels },
    params: uniform(shape),
    grid: [Math.ceil(pixels / (lanes * tile.pixels)), Math.ceil(shape.outChannels / tile.channels), 1],
  };
}

export function conv2dInputGradient(shape: Conv2dShape): Launch {
  const { batch, height, width, channels, stride } = shape;
  const phasePixels = batch * Math.ceil(height / stride) * Math.ceil(width / stride);
  return {
    shader,
    entry: 'input_gradient',
    constants: { LANES: lanes, PIXELS: tile.pixels, CHANNELS: tile.channels },
    params: uniform(shape),
    grid: [
      Math.ceil(phasePixels / (lanes * tile.pixels)),
      Math.ceil(channels / tile.channels),
      stride * stride,
    ],
  };
}

/** Enough slices of the batch to occupy the device, few enough for the partial gradients to stay small. */
const enoughWorkgroups = 64;
const mostSlices = 64;

/** The partial gradients of slices of output lines, and their ordered sum. */
export function conv2dWeightGradient(shape: Conv2dShape): { slices: number; partial: Launch; sum: Launch } {
  const { batch, outHeight, channels, outChannels, kernel } = shape;
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
  const { batch, height, width, channels, outHeight, outWidth, outChannels, kernel, stride, pad } = shape;
  const out = { out_height: outHeight, out_width: outWidth, out_channels: outChannels };
  return { batch, height, width, channels, ...out, kernel, stride, pad };
}
