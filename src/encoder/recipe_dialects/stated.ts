import { mostResizedSide, type ResizeFilter } from '../../data/resize/resize.ts';
import type { Normalisation } from '../../ops/augment.ts';
import { mostImageSide } from '../recipe_schema.ts';
import type { Bounds } from './fields.ts';

/** The parts of an `InputRecipe`, as far as a file states them. */
export interface StatedParts {
  /** Side of the square that the encoder sees, in pixels. */
  readonly imageSize?: number | undefined;
  /** What pixels are weighed by. */
  readonly filter?: ResizeFilter | undefined;
  /** What the shorter side becomes before the square is cut out, in pixels. */
  readonly shorterSide?: number | undefined;
  /** Whether both sides become `shorterSide`. */
  readonly squash?: boolean | undefined;
  /** What pixels are brought to. */
  readonly normalise?: Normalisation | undefined;
  /** Whether features are the mean of those of an image and of its mirror image. */
  readonly mirror?: boolean | undefined;
}

/** Sides of what an encoder sees. */
export const squareBounds: Bounds = { least: 1, most: mostImageSide, whole: true };
/** Sides of what a square is cut from. */
export const sideBounds: Bounds = { least: 1, most: mostResizedSide, whole: true };
/** Means of channels, in whatever unit. */
export const meanBounds: Bounds = { least: -1e6, most: 1e6 };
/** Deviations of channels, in whatever unit. */
export const stdBounds: Bounds = { least: 1e-6, most: 1e6 };
/** Shares of a side. */
export const shareBounds: Bounds = { least: 0.25, most: 1 };
