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
  const { batch, height, width, channels, outHeight, outWidth, kernel, stride, pad } = shape;
  const params = {
    batch,
    height,
    width,
    channels,
    out_height: outHeight,
    out_width: outWidth,
    kernel,
    stride,
    pad,
  };
  return {
    shader,
    entry,
    constants: { Stored: shape.stored },
    params,
    grid: linearGrid(Math.ceil(count / 64)),
  };
}

const inputs = ({ batch, height, width, channels }: PoolShape) => batch * height * width * channels;
const outputs = ({ batch, outHeight, outWidth, channels }: PoolShape) =>
  batch * outHeight * outWidth * channels;

/** y, and in `new_winner` the tap of each maximum in its window. */
export const maxPool = (shape: PoolShape): Launch => launch('max_pool', shape, outputs(shape));
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
