import shader from '#shaders/conv2d.wgsl';
import runsShader from '#shaders/conv2d_runs_subgroup.wgsl';
import subgroupShader from '#shaders/conv2d_subgroup.wgsl';
import weightShader from '#shaders/conv2d_weight_gradient.wgsl';
import subgroupWeightShader from '#shaders/conv2d_weight_gradient_subgroup.wgsl';
import type { Capabilities } from '../gpu/device.ts';
import type { Launch } from '../gpu/launch.ts';
import { sumParts } from './reduce.ts';
import { conv2dTile, ownsRuns, subgroupChannels, subgroupLanes } from './tiles.ts';

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
  const depth = shape.channels === 3 ? 3 : 4;
  const isWhole = areWhole(shape.pitch, shape.outChannels) && (depth === 3 || areWhole(shape.channels));
  const lanes = isWhole ? subgroupLanes(capabilities) : undefined;
  if (lanes && takesRuns(capabilities, lanes, shape)) return runs(lanes, shape, { depth });
  if (lanes) {
    const rows = subgroupChannels(lanes, shape.outChannels);
    const places = Math.ceil(shape.batch / 4) * shape.outHeight * shape.outWidth;
    return {
      shader: subgroupShader,
      entry: 'forward',
      constants: { LANES: lanes, CHANNELS: rows, DEPTH: depth },
      params: vectors(shape),
      grid: [Math.ceil(places / lanes), Math.ceil(shape.outChannels / rows), 1],
    };
  }
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

/** @param accumulate add to dx instead of overwriting it */
export function conv2dInputGradient(
  capabilities: Capabilities,
  shape: Conv2dShape,
  accumulate = false,
): Launch {
  const { batch, height, width, channels, outChannels, stride } = shape;
  // Where a 1×1 convolution with a stride has left pixels out, there is nothing to add: only its first phase has taps.
  const phases = accumulate && shape.kernel === 1 && shape.pad === 0 ? 1 : stride * stride;
  const lanes = areWhole(channels, outChannels) ? subgroupLanes(capabilities) : undefined;
  if (lanes && takesRuns(capabilities, lanes, shape)) {
    // At stride 1 the gradient is the convolution of dy with the weights turned round.
    const turned = { ...shape, channels: outChannels, pitch: outChannels, outChannels: channels };
    return runs(lanes, turned, { transposed: true, accumulate });
  }
  if (lanes) {
    const rows = subgroupChannels(lanes, channels);
    const places = Math.ceil(batch / 4) * Math.ceil(height / stride) * Math.ceil(width / stride);
    return {
      shader: subgroupShader,
      entry: 'input_gradient',
      constants: { LANES: lanes, CHANNELS: rows, ACCUMULATE: accumulate },
      params: vectors(shape),
      grid: [Math.ceil(places / lanes), Math.ceil(channels / rows), phases],
    };
  }
  const tile = conv2dTile(capabilities);
  const phasePixels = batch * Math.ceil(height / stride) * Math.ceil(width / stride);
  return {
    shader,
    entry: 'input_gradient',
    constants: { LANES: tile.lanes, PIXELS: tile.rows, CHANNELS: tile.columns, ACCUMULATE: accumulate },
    params: uniform(shape),
    grid: [Math.ceil(phasePixels / (tile.lanes * tile.rows)), Math.ceil(channels / tile.columns), phases],
  };
}

/** Pixels of a lane of `conv2d_runs_subgroup.wgsl`, where lines are long enough for them. */
const longestRun = 8;

const runOf = (width: number): number => Math.min(longestRun, width);

/** That kernel's lanes own whole lines of 3×3 convolutions that keep the images' size. */
function takesRuns(capabilities: Capabilities, lanes: number, shape: Conv2dShape): boolean {
  const { kernel, stride, pad, width } = shape;
  if (!ownsRuns(capabilities)) return false;
  const runsOfLine = width / runOf(width);
  return kernel === 3 && stride === 1 && pad === 1 && width % 4 === 0 && lanes % runsOfLine === 0;
}

function runs(
  lanes: number,
  shape: Conv2dShape,
  form: { depth?: number; transposed?: boolean; accumulate?: boolean },
): Launch {
  const { batch, height, width, channels, pitch, outChannels, kernel } = shape;
  const { depth = 4, transposed = false, accumulate = false } = form;
  const run = runOf(width);
  const rows = outChannels <= 8 ? 8 : 16;
  return {
    shader: runsShader,
    entry: 'convolve',
    constants: {
      LANES: lanes,
      CHANNELS: rows,
      VECTORS: run / 4,
      DEPTH: depth,
      TRANSPOSED: transposed,
      ACCUMULATE: accumulate,
    },
    params: { batch, height, width, channels, pitch: pitch / 4, out_channels: outChannels / 4, kernel },
    grid: [Math.ceil((batch * height * width) / run / lanes), Math.ceil(outChannels / rows), 1],
  };
}

/** Enough slices of the batch to occupy the device, few enough for the partial gradients to stay small. */
const enoughWorkgroups = 64;
const mostSlices = 64;

/** The partial gradients of slices of output lines, and where there are several their ordered sum. */
export function conv2dWeightGradient(
  capabilities: Capabilities,
  shape: Conv2dShape,
): { slices: number; partial: Launch; sum: Launch | undefined } {
  const { channels, outChannels, pitch, kernel } = shape;
  const lanes = areWhole(pitch, outChannels) ? subgroupLanes(capabilities) : undefined;
  const { slices, partial } = lanes
    ? subgroupWeightGradient(lanes, shape)
    : tiledWeightGradient(capabilities, shape);
  const sum = slices > 1 ? sumParts(slices, kernel * kernel * channels * outChannels) : undefined;
  return { slices, partial, sum };
}

function subgroupWeightGradient(lanes: number, shape: Conv2dShape): { slices: number; partial: Launch } {
  const { batch, outHeight, channels, outChannels, kernel } = shape;
  const outputs = subgroupChannels(lanes, outChannels);
  const columns = Math.ceil((kernel * kernel * Math.ceil(channels / 4)) / lanes);
  const outputTiles = Math.ceil(outChannels / outputs);
  const { slice, slices } = cut(Math.ceil(batch / 4) * outHeight, columns * outputTiles);
  const partial: Launch = {
    shader: subgroupWeightShader,
    entry: 'weight_gradient',
    constants: { LANES: lanes, OUTPUTS: outputs },
    params: { ...vectors(shape), slice },
    grid: [columns, outputTiles, slices],
  };
  return { slices, partial };
}

function tiledWeightGradient(
  capabilities: Capabilities,
  shape: Conv2dShape,
): { slices: number; partial: Launch } {
  const { batch, outHeight, channels, outChannels, kernel } = shape;
  const { lanes } = conv2dTile(capabilities);
  // A lane's taps times its input channels set how often a loaded gradient is used: six to eight keep it in registers.
  const inputs = kernel === 1 ? 4 : kernel === 3 ? 2 : 1;
  const outputs = 16;
  const inputTiles = Math.ceil(channels / (lanes * inputs));
  const outputTiles = Math.ceil(outChannels / outputs);
  const { slice, slices } = cut(batch * outHeight, inputTiles * outputTiles * kernel);
  const partial: Launch = {
    shader: weightShader,
    entry: 'weight_gradient',
    constants: { LANES: lanes, TAPS: kernel, INPUTS: inputs, OUTPUTS: outputs },
    params: { ...uniform(shape), output_tiles: outputTiles, slice },
    grid: [inputTiles * outputTiles, kernel, slices],
  };
  return { slices, partial };
}

/** Cuts lines into slices of equal length, the last one perhaps shorter, for `workgroups` a slice. */
function cut(lines: number, workgroups: number): { slice: number; slices: number } {
  const slice = Math.ceil(lines / Math.min(mostSlices, lines, Math.ceil(enoughWorkgroups / workgroups)));
  return { slice, slices: Math.ceil(lines / slice) };
}

const areWhole = (...channels: readonly number[]): boolean => channels.every((count) => count % 4 === 0);

/** The same for kernels that count pixels and output channels in vec4f. */
function vectors(shape: Conv2dShape): Record<string, number> {
  return { ...uniform(shape), pitch: shape.pitch / 4, out_channels: shape.outChannels / 4 };
}

function uniform(shape: Conv2dShape): Record<string, number> {
  const { batch, height, width, channels, pitch, outHeight, outWidth, outChannels, kernel, stride, pad } =
    shape;
  const out = { out_height: outHeight, out_width: outWidth, out_channels: outChannels };
  return { batch, height, width, channels, pitch, ...out, kernel, stride, pad };
}
