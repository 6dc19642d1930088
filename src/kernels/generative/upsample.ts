import shader from '#shaders/generative/upsample.wgsl';
import { type Launch, linearGrid } from '../../gpu/launch.ts';
import type { FloatType } from '../../gpu/shader.ts';

/** Images that are enlarged by a whole factor. */
export interface UpsampleShape {
  /** N. */
  readonly images: number;
  /** H, before. */
  readonly height: number;
  /** W, before. */
  readonly width: number;
  /** C. */
  readonly channels: number;
  /** Pixels behind, along a side, for one before. */
  readonly factor: number;
  /** Whether pixels between two centres are mixed of both; otherwise each is repeated. */
  readonly bilinear: boolean;
  /** What images are stored as. */
  readonly stored: FloatType;
}

function launch(entry: string, shape: UpsampleShape, pixels: number): Launch {
  const { images, height, width, factor, bilinear, stored } = shape;
  const quads = shape.channels % 4 === 0;
  const channels = quads ? shape.channels / 4 : shape.channels;
  return {
    shader,
    entry,
    constants: quads
      ? { Element: 'vec4f', Stored: stored === 'f16' ? 'vec4h' : 'vec4f' }
      : { Element: 'f32', Stored: stored },
    params: { images, height, width, channels, factor, bilinear: Number(bilinear) },
    grid: linearGrid(Math.ceil((pixels * channels) / 64)),
  };
}

const pixelsOf = ({ images, height, width }: UpsampleShape) => images * height * width;

/** Enlarged images. */
export const upsample = (shape: UpsampleShape): Launch =>
  launch('upsample', shape, pixelsOf(shape) * shape.factor ** 2);
/** dx from the gradient of the enlarged images. */
export const upsampleGradient = (shape: UpsampleShape): Launch =>
  launch('upsample_gradient', shape, pixelsOf(shape));
