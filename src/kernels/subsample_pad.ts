import shader from '#shaders/subsample_pad.wgsl';
import { type Launch, linearGrid } from '../gpu/launch.ts';
import type { FloatType } from '../gpu/shader.ts';

/** From N×H×W×C images to N×OH×OW×OC ones, of which channels `before` … `before` + C − 1 are not zeros. */
export interface SubsamplePadShape {
  /** N: images. */
  readonly batch: number;
  /** H: rows of an image. */
  readonly height: number;
  /** W: columns of an image. */
  readonly width: number;
  /** C. */
  readonly channels: number;
  /** OH: rows that are kept. */
  readonly outHeight: number;
  /** OW: columns that are kept. */
  readonly outWidth: number;
  /** OC. */
  readonly outChannels: number;
  /** Pixels from one that is kept to the next. */
  readonly stride: number;
  /** Channels of zeros before those of x. */
  readonly before: number;
  /** What the images are stored as. */
  readonly stored: FloatType;
}

function launch(entry: string, shape: SubsamplePadShape, count: number): Launch {
  const { batch, height, width, channels, outHeight, outWidth, outChannels, stride, before } = shape;
  const params = {
    batch,
    height,
    width,
    channels,
    out_height: outHeight,
    out_width: outWidth,
    out_channels: outChannels,
    stride,
    before,
  };
  return {
    shader,
    entry,
    constants: { Stored: shape.stored },
    params,
    grid: linearGrid(Math.ceil(count / 64)),
  };
}

/** y from x. */
export const subsamplePad = (shape: SubsamplePadShape): Launch =>
  launch('subsample_pad', shape, shape.batch * shape.outHeight * shape.outWidth * shape.outChannels);
/** dx from dy. */
export const subsamplePadGradient = (shape: SubsamplePadShape): Launch =>
  launch('subsample_pad_gradient', shape, shape.batch * shape.height * shape.width * shape.channels);
