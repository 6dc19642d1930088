import runsShader from '#shaders/conv2d/weight_gradient_runs.wgsl';
import subgroupShader from '#shaders/conv2d/weight_gradient_subgroup.wgsl';
import shader from '#shaders/conv2d/weight_gradient_tile.wgsl';
import type { Capabilities } from '../../gpu/device.ts';
import type { Launch } from '../../gpu/launch.ts';
import { sumParts } from '../reduce.ts';
import type { KernelContext } from '../tuning/choices.ts';
import {
  conv2dSubgroups,
  enoughWorkgroups,
  inOrder,
  matrixForms,
  sliceCounts,
  weightGradientRun,
  weightGradientRuns,
  weightGradientTiles,
} from '../tuning/tiles.ts';
import {
  choose,
  type Family,
  type LinesVariant,
  plainTile,
  type RunsVariant,
  type SlicedLaunches,
  type StagedVariant,
  type SubgroupVariant,
  type TileVariant,
  type Variant,
  withSlices,
} from '../tuning/variant.ts';
import { matrixWeightGradient } from './matrix.ts';
import {
  areWhole,
  type Conv2dShape,
  className,
  halvesOf,
  multiplyAdds,
  sizes,
  uniform,
  vectors,
} from './shape.ts';

type GradientVariant = Exclude<Variant, StagedVariant | LinesVariant>;

/** The partial gradients of slices of output lines, and where there are several their ordered sum. */
export const conv2dWeightGradient = (context: KernelContext, shape: Conv2dShape): SlicedLaunches =>
  launches(context.capabilities, shape, choose(weightGradientFamily, context, shape));

/** All kernels of a convolution's gradient by its weights. */
export const weightGradientFamily: Family<Conv2dShape, GradientVariant> = {
  key: (shape) => `weight gradient ${className(shape)}`,
  multiplyAdds,
  variants(capabilities, shape) {
    const { pitch, outChannels, kernel, stored, width } = shape;
    const isWhole = areWhole(pitch, outChannels);
    const canShare = isWhole && sharesPixels(shape);
    const runs = canShare ? weightGradientRuns(capabilities, { channels: outChannels, width }) : [];
    const subgroups = isWhole ? conv2dSubgroups(capabilities, outChannels) : [];
    const matrices = isWhole && stored === 'f16' ? matrixForms(capabilities) : [];
    const tiles = weightGradientTiles(capabilities, kernel);
    const forms = inOrder(capabilities, { runs, subgroups, tiles, matrices });
    return withSlices(forms, sliceCounts);
  },
  launches,
  operands(shape) {
    const { x, weight: partial, y: dy } = sizes(shape);
    const terms = shape.batch * shape.outHeight * shape.outWidth;
    return {
      buffers: { x, dy, partial },
      halves: halvesOf(shape, ['x', 'dy']),
      output: 'partial',
      terms,
      twin: { ...plainTile, rows: 1, slices: 1 },
    };
  },
};

/** Few enough for the partial gradients to stay small. */
const mostSlices = 64;

function launches(capabilities: Capabilities, shape: Conv2dShape, variant: GradientVariant): SlicedLaunches {
  const { channels, outChannels, kernel } = shape;
  const { lines, launch } = formOf(capabilities, shape, variant);
  const [x, y] = launch.grid;
  const enough = Math.min(mostSlices, Math.ceil(enoughWorkgroups(capabilities) / (x * y)));
  // Slices are of equal length, the last one perhaps shorter.
  const slice = Math.ceil(lines / Math.min(lines, variant.slices ?? enough));
  const slices = Math.ceil(lines / slice);
  const product = { ...launch, params: { ...launch.params, slice }, grid: [x, y, slices] as const };
  const sum = slices > 1 ? sumParts(slices, kernel * kernel * channels * outChannels) : undefined;
  return { slices, product, sum };
}

/** The kernel for one slice, and how many lines there are to cut into slices. */
interface Form {
  readonly lines: number;
  readonly launch: Launch;
}

function formOf(capabilities: Capabilities, shape: Conv2dShape, variant: GradientVariant): Form {
  if (variant.form === 'matrix') return matrixWeightGradient(capabilities, shape, variant);
  if (variant.form === 'runs') return runsForm(shape, variant);
  return variant.form === 'subgroup' ? subgroupForm(shape, variant) : tiledForm(shape, variant);
}

function subgroupForm(shape: Conv2dShape, { lanes, channels: outputs }: SubgroupVariant): Form {
  const { batch, outHeight, channels, outChannels, kernel } = shape;
  const columns = Math.ceil((kernel * kernel * Math.ceil(channels / 4)) / lanes);
  const launch: Launch = {
    shader: subgroupShader,
    entry: 'weight_gradient',
    constants: { Stored: shape.stored, LANES: lanes, OUTPUTS: outputs },
    params: { ...vectors(shape), four: 4 },
    grid: [columns, Math.ceil(outChannels / outputs), 1],
  };
  return { lines: Math.ceil(batch / 4) * outHeight, launch };
}

/**
 * Whether a kernel's row of taps can share pixels: 3×3 convolutions that keep the images' size, all of whose channels
 * have weights.
 */
const sharesPixels = ({ kernel, stride, pad, channels, pitch }: Conv2dShape): boolean =>
  kernel === 3 && stride === 1 && pad === 1 && channels === pitch;

function runsForm(shape: Conv2dShape, { lanes, channels: outputs }: RunsVariant): Form {
  const { batch, height, width, channels, outChannels, stored } = shape;
  const launch: Launch = {
    shader: runsShader,
    entry: 'weight_gradient',
    constants: { Stored: stored, LANES: lanes, OUTPUTS: outputs, RUN: weightGradientRun(outputs) },
    params: { batch, height, width, channels, out_channels: outChannels / 4, four: 4 },
    grid: [Math.ceil((3 * channels) / 4 / lanes), Math.ceil(outChannels / outputs), 1],
  };
  return { lines: batch * height, launch };
}

function tiledForm(shape: Conv2dShape, { lanes, rows: inputs, columns: outputs }: TileVariant): Form {
  const { batch, outHeight, channels, outChannels, kernel } = shape;
  const inputTiles = Math.ceil(channels / (lanes * inputs));
  const outputTiles = Math.ceil(outChannels / outputs);
  const launch: Launch = {
    shader,
    entry: 'weight_gradient',
    constants: { Stored: shape.stored, LANES: lanes, TAPS: kernel, INPUTS: inputs, OUTPUTS: outputs },
    params: { ...uniform(shape), output_tiles: outputTiles },
    grid: [inputTiles * outputTiles, kernel, 1],
  };
  return { lines: batch * outHeight, launch };
}
