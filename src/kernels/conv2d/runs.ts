import shader from '#shaders/conv2d/runs.wgsl';
import stemShader from '#shaders/conv2d/stem_runs.wgsl';
import type { Launch } from '../../gpu/launch.ts';
import type { RunsVariant } from '../tuning/variant.ts';
import { type Epilogue, epilogueParams, noEpilogue } from './epilogue.ts';
import { type Conv2dShape, vectors } from './shape.ts';

/** Pixels of a lane, where lines are long enough for them. */
const longestRun = 8;

const runOf = (width: number): number => Math.min(longestRun, width);

/**
 * Whether lanes can own runs of pixels: in 3×3 convolutions that keep the images' size, where workgroups own whole
 * lines.
 */
export function canOwnRuns({ kernel, stride, pad, width }: Conv2dShape, lanes: number): boolean {
  const runsOfLine = width / runOf(width);
  return kernel === 3 && stride === 1 && pad === 1 && width % 4 === 0 && lanes % runsOfLine === 0;
}

/**
 * A 3×3 convolution whose lanes own runs of pixels.
 * @param form `depth`: numbers of a vec4f of x that have weights; `transposed`: the weights are turned round
 */
export function runsLaunch(
  shape: Conv2dShape,
  { lanes, channels: rows }: RunsVariant,
  form: { depth?: number; transposed?: boolean; accumulate?: boolean; epilogue?: Epilogue },
): Launch {
  const { batch, height, width, outChannels, stored } = shape;
  const { depth = 4, transposed = false, accumulate = false, epilogue = noEpilogue } = form;
  const run = runOf(width);
  return {
    shader,
    entry: 'convolve',
    constants: {
      Stored: stored,
      LANES: lanes,
      CHANNELS: rows,
      VECTORS: run / 4,
      DEPTH: depth,
      TRANSPOSED: transposed,
      ACCUMULATE: accumulate,
    },
    params: { ...vectors(shape), ...epilogueParams(epilogue), four: 4 },
    grid: [Math.ceil((batch * height * width) / run / lanes), Math.ceil(outChannels / rows), 1],
  };
}

/** The largest window whose row of taps a lane's registers and their spilling take. */
const largestStem = 7;

/** Whether lanes can own runs of a convolution whose pixels are one vec4f, of which 3 or 4 numbers have weights. */
export const isStem = ({ kernel, stride, channels, pitch }: Conv2dShape): boolean =>
  pitch === 4 && channels >= 3 && kernel <= largestStem && stride <= 2;

/** A convolution of pixels of one vec4f whose lanes own runs of the result's pixels. */
export function stemRunsLaunch(
  shape: Conv2dShape,
  { lanes, channels: rows }: RunsVariant,
  epilogue: Epilogue,
): Launch {
  const { batch, outHeight, outWidth, outChannels, channels, kernel, stride, stored } = shape;
  const places = batch * outHeight * Math.ceil(outWidth / longestRun);
  return {
    shader: stemShader,
    entry: 'convolve',
    constants: {
      Stored: stored,
      LANES: lanes,
      CHANNELS: rows,
      KERNEL: kernel,
      STRIDE: stride,
      DEPTH: channels,
      VECTORS: longestRun / 4,
    },
    params: { ...vectors(shape), ...epilogueParams(epilogue), four: 4 },
    grid: [Math.ceil(places / lanes), Math.ceil(outChannels / rows), 1],
  };
}
