import windowsShader from '#shaders/max_windows.wgsl';
import shader from '#shaders/pool.wgsl';
import { type Launch, linearGrid } from '../gpu/launch.ts';
import type { FloatType } from '../gpu/shader.ts';

/** A pool from N×H×W×C images to N×OH×OW×C; the global average has a single window, whose size is not asked for. */
export interface PoolShape {
  /** N: images. */
  readonly batch: number;
  /** H: rows of an image. */
  readonly height: number;
  /** W: columns of an image. */
  readonly width: number;
  /** C. */
  readonly channels: number;
  /** OH: rows of windows. */
  readonly outHeight: number;
  /** OW: columns of windows. */
  readonly outWidth: number;
  /** K: side of the window, in pixels. */
  readonly kernel: number;
  /** Pixels from one window to the next. */
  readonly stride: number;
  /** Pixels around each image that no maximum comes from. */
  readonly pad: number;
  /** What the images are stored as; their averages are f32. */
  readonly stored: FloatType;
}

function launch(entry: string, shape: PoolShape, count: number): Launch {
  return {
    shader,
    entry,
    constants: { Stored: shape.stored },
    params: paramsOf(shape),
    grid: linearGrid(Math.ceil(count / 64)),
  };
}

function paramsOf(shape: PoolShape): Record<string, number> {
  const { batch, height, width, channels, outHeight, outWidth, kernel, stride, pad } = shape;
  const out = { out_height: outHeight, out_width: outWidth };
  return { batch, height, width, channels, ...out, kernel, stride, pad };
}

const inputs = ({ batch, height, width, channels }: PoolShape) => batch * height * width * channels;
const outputs = ({ batch, outHeight, outWidth, channels }: PoolShape) =>
  batch * outHeight * outWidth * channels;

/** y, and in `new_winner` the tap of each maximum in its window. */
export const maxPool = (shape: PoolShape): Launch => launch('max_pool', shape, outputs(shape));
/** y alone, four channels at once where they are whole vec4f. Every window holds a pixel of the image. */
export function maxWindows(shape: PoolShape): Launch {
  const isWhole = shape.channels % 4 === 0;
  const isHalf = shape.stored === 'f16';
  const elements = isWhole ? 4 : 1;
  return {
    shader: windowsShader,
    entry: 'max_windows',
    constants: isWhole
      ? { Element: 'vec4f', Stored: isHalf ? 'vec4h' : 'vec4f' }
      : { Element: 'f32', Stored: shape.stored },
    params: { ...paramsOf(shape), channels: shape.channels / elements },
    grid: linearGrid(Math.ceil(outputs(shape) / elements / 64)),
  };
}
/** dx: every pixel sums the dy of the windows that it won. */
export const maxPoolGradient = (shape: PoolShape): Launch =>
  launch('max_pool_gradient', shape, inputs(shape));
/** y: the mean of each window's pixels that lie in the image; windows are disjoint, the stride is their side. */
export const averageWindows = (shape: PoolShape): Launch => launch('average_windows', shape, outputs(shape));
/** dx from dy. */
export const averageWindowsGradient = (shape: PoolShape): Launch =>
  launch('average_windows_gradient', shape, inputs(shape));
/** Means of all pixels, [N][C] f32. */
export const averagePool = (shape: PoolShape): Launch => launch('average', shape, outputs(shape));
/** dx from the means' gradient. */
export const averagePoolGradient = (shape: PoolShape): Launch =>
  launch('average_gradient', shape, inputs(shape));
