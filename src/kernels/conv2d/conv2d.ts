import subgroupShader from '#shaders/conv2d/subgroup.wgsl';
import shader from '#shaders/conv2d/tile.wgsl';
import type { Capabilities } from '../../gpu/device.ts';
import type { Launch } from '../../gpu/launch.ts';
import type { KernelContext } from '../tuning/choices.ts';
import {
  conv2dRuns,
  conv2dSubgroups,
  conv2dTiles,
  inOrder,
  matrixForms,
  stagedForms,
} from '../tuning/tiles.ts';
import { choose, type Family, type LinesVariant, plainTile, type Variant } from '../tuning/variant.ts';
import { epilogueParams, noEpilogue } from './epilogue.ts';
import { matrixLaunch } from './matrix.ts';
import { canOwnRuns, isStem, runsLaunch, stemRunsLaunch } from './runs.ts';
import {
  areWhole,
  type Conv2dShape,
  className,
  halvesOf,
  multiplyAdds,
  phasePixels,
  phasesOf,
  sizes,
  uniform,
  vectors,
} from './shape.ts';
import { stagedLaunch } from './staged.ts';

/** Ways to run a convolution or its input's gradient. */
type ConvolutionVariant = Exclude<Variant, LinesVariant>;

/**
 * y from x and the weights, by the kernel that is known to be the fastest here for shapes like this. It has bindings of
 * what may follow, `bias` and `residual`, which it reads where `epilogue` asks for them.
 */
export const conv2dForward = (context: KernelContext, shape: Conv2dShape, epilogue = noEpilogue): Launch =>
  forwardLaunch(context.capabilities, shape, choose(forwardFamily, context, shape), epilogue);

/**
 * dx from dy and the weights, by the kernel that is known to be the fastest here for shapes like this.
 * @param accumulate add to dx instead of overwriting it
 */
export function conv2dInputGradient(context: KernelContext, shape: Conv2dShape, accumulate = false): Launch {
  const variant = choose(inputGradientFamily, context, shape);
  return inputGradientLaunch(context.capabilities, shape, variant, accumulate);
}

/** All kernels of a convolution. */
export const forwardFamily: Family<Conv2dShape, ConvolutionVariant> = {
  key: (shape) => `forward ${className(shape)}`,
  multiplyAdds,
  variants(capabilities, shape) {
    const { channels, pitch, outChannels } = shape;
    const isWhole = areWhole(pitch, outChannels) && (depthOf(shape) === 3 || areWhole(channels));
    return variantsOf(capabilities, shape, { isWhole, rows: outChannels, canBeStem: true });
  },
  launches: (capabilities, shape, variant) => ({
    slices: 1,
    product: forwardLaunch(capabilities, shape, variant),
    sum: undefined,
  }),
  operands(shape) {
    const { x, weight, y } = sizes(shape);
    const terms = shape.kernel ** 2 * shape.channels;
    const halves = halvesOf(shape, ['x', 'y']);
    const aliases = { bias: 'weight', residual: 'x' };
    return { buffers: { x, weight, y }, halves, aliases, output: 'y', terms, twin: plainTile };
  },
};

/** All kernels of a convolution's gradient by its input. */
export const inputGradientFamily: Family<Conv2dShape, ConvolutionVariant> = {
  key: (shape) => `input gradient ${className(shape)}`,
  multiplyAdds,
  variants: (capabilities, shape) =>
    variantsOf(capabilities, shape, {
      isWhole: areWhole(shape.channels, shape.outChannels),
      rows: shape.channels,
      canBeStem: false,
    }),
  launches: (capabilities, shape, variant) => ({
    slices: 1,
    product: inputGradientLaunch(capabilities, shape, variant),
    sum: undefined,
  }),
  operands(shape) {
    const { x: dx, weight, y: dy } = sizes(shape);
    const terms = shape.kernel ** 2 * shape.outChannels;
    // A kernel that takes the gradient for another convolution calls its operands x and y.
    const aliases = { x: 'dy', y: 'dx', bias: 'weight', residual: 'dy' };
    const halves = halvesOf(shape, ['dy', 'dx']);
    return { buffers: { dy, weight, dx }, halves, aliases, output: 'dx', terms, twin: plainTile };
  },
};

/** What a pass's kernels depend on beside the shape. */
interface PassForms {
  /** Whether what is loaded and stored is whole vec4f. */
  readonly isWhole: boolean;
  /** Channels of the result, which a workgroup shares. */
  readonly rows: number;
  /** Whether there are kernels for pixels of one vec4f. */
  readonly canBeStem: boolean;
}

function variantsOf(
  capabilities: Capabilities,
  shape: Conv2dShape,
  { isWhole, rows, canBeStem }: PassForms,
): readonly ConvolutionVariant[] {
  const [tiles, staged] = [conv2dTiles(capabilities), stagedForms(capabilities)];
  if (!isWhole) return [...tiles, ...staged];
  const runs = conv2dRuns(capabilities, rows).filter(
    ({ lanes }) => canOwnRuns(shape, lanes) || (canBeStem && isStem(shape)),
  );
  const matrices = shape.stored === 'f16' ? matrixForms(capabilities) : [];
  const subgroups = conv2dSubgroups(capabilities, rows);
  return inOrder(capabilities, { runs, subgroups, tiles, matrices, staged });
}

/** Numbers of a vec4f of x that have weights: 3 of a pixel r g b 0. */
const depthOf = ({ channels }: Conv2dShape): 3 | 4 => (channels === 3 ? 3 : 4);

function forwardLaunch(
  capabilities: Capabilities,
  shape: Conv2dShape,
  variant: ConvolutionVariant,
  epilogue = noEpilogue,
): Launch {
  const { batch, outHeight, outWidth, outChannels, stored } = shape;
  const pass = { gradient: false, accumulate: false, epilogue };
  if (variant.form === 'matrix') return matrixLaunch(capabilities, shape, variant, pass);
  if (variant.form === 'staged') return stagedLaunch(shape, variant, pass);
  if (variant.form === 'runs') {
    return canOwnRuns(shape, variant.lanes)
      ? runsLaunch(shape, variant, { depth: depthOf(shape), epilogue })
      : stemRunsLaunch(shape, variant, epilogue);
  }
  if (variant.form === 'subgroup') {
    const { lanes, channels } = variant;
    const places = Math.ceil(batch / 4) * outHeight * outWidth;
    return {
      shader: subgroupShader,
      entry: 'forward',
      constants: { Stored: stored, LANES: lanes, CHANNELS: channels, DEPTH: depthOf(shape) },
      params: { ...vectors(shape), ...epilogueParams(epilogue), four: 4 },
      grid: [Math.ceil(places / lanes), Math.ceil(outChannels / channels), 1],
    };
  }
  const { lanes, rows, columns } = variant;
  const pixels = batch * outHeight * outWidth;
  return {
    shader,
    entry: 'forward',
    constants: { Stored: stored, LANES: lanes, PIXELS: rows, CHANNELS: columns },
    params: { ...uniform(shape), ...epilogueParams(epilogue) },
    grid: [Math.ceil(pixels / (lanes * rows)), Math.ceil(outChannels / columns), 1],
  };
}

function inputGradientLaunch(
  capabilities: Capabilities,
  shape: Conv2dShape,
  variant: ConvolutionVariant,
  accumulate = false,
): Launch {
  const { batch, channels, outChannels, stored } = shape;
  const pass = { gradient: true, accumulate };
  if (variant.form === 'matrix') return matrixLaunch(capabilities, shape, variant, pass);
  if (variant.form === 'staged') return stagedLaunch(shape, variant, pass);
  if (variant.form === 'runs') {
    // At stride 1 the gradient is the convolution of dy with the weights turned round.
    const turned = { ...shape, channels: outChannels, pitch: outChannels, outChannels: channels };
    return runsLaunch(turned, variant, { transposed: true, accumulate });
  }
  const phases = phasesOf(shape, accumulate);
  if (variant.form === 'subgroup') {
    const { lanes, channels: rows } = variant;
    const places = phasePixels(shape, Math.ceil(batch / 4));
    return {
      shader: subgroupShader,
      entry: 'input_gradient',
      constants: { Stored: stored, LANES: lanes, CHANNELS: rows, ACCUMULATE: accumulate },
      params: { ...vectors(shape), ...epilogueParams(noEpilogue), four: 4 },
      grid: [phases, Math.ceil(places / lanes), Math.ceil(channels / rows)],
    };
  }
  const { lanes, rows, columns } = variant;
  return {
    shader,
    entry: 'input_gradient',
    constants: { Stored: stored, LANES: lanes, PIXELS: rows, CHANNELS: columns, ACCUMULATE: accumulate },
    params: { ...uniform(shape), ...epilogueParams(noEpilogue) },
    grid: [Math.ceil(phasePixels(shape, batch) / (lanes * rows)), Math.ceil(channels / columns), phases],
  };
}
