import shader from '#shaders/generative/mask.wgsl';
import { type Launch, linearGrid } from '../../gpu/launch.ts';
import type { FloatType } from '../../gpu/shader.ts';

/** Masks of images, and views that they are laid on. */
export interface MaskShape {
  /** Images. */
  readonly images: number;
  /** Patches of each. */
  readonly patches: number;
  /** Those of them that are not hidden. */
  readonly visible: number;
  /** Side of a view, in pixels. */
  readonly side: number;
  /** Side of a patch, in pixels. */
  readonly patch: number;
  /** What views are stored as. */
  readonly stored: FloatType;
}

const still = [0, 0, 0] as const;

function launch(entry: string, shape: MaskShape, count: number, noise: readonly number[] = still): Launch {
  const { images, patches, visible, side, patch, stored } = shape;
  const [red, green, blue] = noise as [number, number, number];
  return {
    shader,
    entry,
    constants: { Stored: stored === 'f16' ? 'vec4h' : 'vec4f' },
    params: { images, patches, visible, side, patch_side: patch, red, green, blue },
    grid: linearGrid(Math.ceil(count / 64)),
  };
}

/** Hashes [images][patches]. */
export const drawHashes = (shape: MaskShape): Launch => launch('draw', shape, shape.images * shape.patches);
/** Ranks of the hashes of each image, and their inverse. */
export const rankHashes = (shape: MaskShape): Launch => launch('rank', shape, shape.images * shape.patches);
/** Views whose hidden patches are 0. */
export const hidePatches = (shape: MaskShape): Launch =>
  launch('hide', shape, shape.images * shape.side ** 2);
/** Views with noise of a deviation for each channel. */
export const addNoise = (shape: MaskShape, deviations: readonly number[]): Launch =>
  launch('add_noise', shape, shape.images * shape.side ** 2, deviations);
