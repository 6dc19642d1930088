import type { StoredTensor } from '../../formats/safetensors.ts';
import type { GridRule } from '../../numerics/resample_grid.ts';

/** A tensor of a file, with the name that it has there. */
export interface FoundTensor extends StoredTensor {
  /** Its name in the file. */
  readonly from: string;
  /** Names of other tensors of the file that are joined to it. */
  readonly alsoFrom?: readonly string[];
}

/** A batch norm on the pixels themselves, before the first convolution: its tensors, by the ends of their names. */
export type PixelNorm = ReadonlyMap<string, FoundTensor>;

/** An encoder in a file. */
export interface FoundEncoder {
  /** What stands before all its tensors' names. */
  readonly prefix: string;
  /** Titles of the namings that its names follow. */
  readonly namings: readonly string[];
  /** Its tensors by torchvision's names. Those of a stage or stem that no naming knows are there by the file's. */
  readonly tensors: Map<string, FoundTensor>;
  /** A norm of the pixels before the first convolution. */
  readonly pixelNorm?: PixelNorm;
  /** Its naming belongs to encoders of pixels from 0 to 1. */
  readonly plainPixels: boolean;
  /** Of a vision transformer: how its source brings positions to another side. */
  readonly positions?: GridRule;
}
