import shader from '#shaders/vit/tokens.wgsl';
import type { Launch } from '../../gpu/launch.ts';
import { overChannels } from './channel_rows.ts';

/** The tokens of a batch of images. */
export interface TokenShape {
  /** Images of the batch. */
  readonly images: number;
  /** Tokens of each. */
  readonly tokens: number;
  /** C. */
  readonly channels: number;
  /** Tokens before those of the patches: the class token and the registers. */
  readonly leading: number;
  /** Those of them that have a position. */
  readonly placed: number;
}

/** Rows of an image whose gradients are summed, and the row of the result where the sums begin. */
export interface SummedRows {
  /** The first token. */
  readonly first: number;
  /** How many. */
  readonly rows: number;
  /** Where they begin in the result. */
  readonly to: number;
}

const none: SummedRows = { first: 0, rows: 0, to: 0 };

function launch(entry: string, shape: TokenShape, rows: number, summed = none): Launch {
  return overChannels(shader, entry, { rows, channels: shape.channels }, { ...shape, ...summed });
}

/** Class token, registers and patches one behind another, with their positions. */
export const embedTokens = (shape: TokenShape): Launch => launch('embed', shape, shape.images * shape.tokens);
/** The gradient of the patches. */
export const patchGradient = (shape: TokenShape): Launch =>
  launch('patch_gradient', shape, shape.images * (shape.tokens - shape.leading));
/** The sum over all images of the gradients of some rows. */
export const imageSums = (shape: TokenShape, summed: SummedRows): Launch =>
  launch('image_sums', shape, summed.rows, summed);
