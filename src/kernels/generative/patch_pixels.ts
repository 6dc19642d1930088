import shader from '#shaders/generative/patch_pixels.wgsl';
import { type Launch, linearGrid } from '../../gpu/launch.ts';

/** Images cut into patches, and how a picture of them is put together. */
export interface PatchPixelShape {
  /** Images. */
  readonly images: number;
  /** Side of an image, in pixels. */
  readonly side: number;
  /** Side of a patch, in pixels. */
  readonly patch: number;
  /** Patches of an image that a picture shows as they are. */
  readonly visible: number;
  /** Whether predictions are of normalised rows. */
  readonly normalised: boolean;
  /** Predicted rows of an image before those of its patches. */
  readonly leading: number;
}

function launch(entry: string, shape: PatchPixelShape, count: number): Launch {
  const { images, side, patch, visible, normalised, leading } = shape;
  return {
    shader,
    entry,
    params: { images, side, patch_side: patch, visible, normalised: Number(normalised), leading },
    grid: linearGrid(Math.ceil(count / 64)),
  };
}

const pixels = ({ images, side }: PatchPixelShape) => images * side ** 2;

/** Every row to mean 0 and deviation 1. */
export const normaliseRows = (shape: PatchPixelShape): Launch =>
  launch('normalise', shape, pixels(shape) / shape.patch ** 2);
/** Rows of their image's mean colour. */
export const paintRows = (shape: PatchPixelShape): Launch => launch('paint', shape, 3 * pixels(shape));
/** Pictures of shown patches and of predicted ones. */
export const composePicture = (shape: PatchPixelShape): Launch => launch('compose', shape, pixels(shape));
/** What a loss explains of what the mean leaves: metrics [3]. */
export const explain = (): Launch =>
  launch('explain', { images: 1, side: 1, patch: 1, visible: 0, normalised: false, leading: 0 }, 1);
