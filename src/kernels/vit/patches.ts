import shader from '#shaders/vit/patches.wgsl';
import { type Launch, linearGrid } from '../../gpu/launch.ts';
import type { FloatType } from '../../gpu/shader.ts';

/** Disjoint squares of N×H×W images whose pixels have `pitch` numbers, of which the first `channels` are taken. */
export interface PatchShape {
  /** N. */
  readonly images: number;
  /** H: whole squares. */
  readonly height: number;
  /** W: whole squares. */
  readonly width: number;
  /** Numbers of a pixel. */
  readonly pitch: number;
  /** Those of them that are taken. */
  readonly channels: number;
  /** P: side of a square, in pixels. */
  readonly patch: number;
  /** What images are stored as; rows are f32. */
  readonly stored: FloatType;
}

function launch(entry: string, shape: PatchShape, numbers: number): Launch {
  const { images, height, width, pitch, channels, patch: side, stored } = shape;
  return {
    shader,
    entry,
    constants: { Stored: stored },
    params: { images, height, width, pitch, channels, side },
    grid: linearGrid(Math.ceil((images * height * width * numbers) / 64)),
  };
}

/** Rows of P·P·C numbers from images. */
export const patches = (shape: PatchShape): Launch => launch('take', shape, shape.channels);
/** dx from the gradient of the rows. */
export const patchesGradient = (shape: PatchShape): Launch => launch('give_back', shape, shape.pitch);
