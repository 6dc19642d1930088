import { UserError } from '../errors.ts';
import type { EncoderOptions } from '../nn/family_registry.ts';
import { type GridRule, resampleGrid } from '../numerics/resample_grid.ts';

/** An encoder and its tensors. */
export interface SidedEncoder {
  /** The architecture. */
  readonly encoder: EncoderOptions;
  /** Every tensor in the engine's layout. */
  readonly tensors: ReadonlyMap<string, Float32Array>;
  /** How positions are brought to another grid. Default `antialias`. */
  readonly positions?: GridRule | undefined;
}

/**
 * An encoder as it takes images of some side: a vision transformer's positions are brought to as many patches as there
 * are then, by its source's rule; at their own side they stay as they are to the last bit. Other encoders take any side.
 * @throws UserError where the side is no multiple of the patches'
 */
export function atSide<Encoder extends SidedEncoder>(given: Encoder, imageSize: number): Encoder {
  const { encoder, tensors, positions: rule = 'antialias' } = given;
  const sided = optionsAtSide(encoder, imageSize);
  if (encoder.family !== 'vit' || sided.family !== 'vit') return given;
  const [grid, side] = [encoder.grid, sided.grid];
  const stored = tensors.get('pos_embed');
  if (side === grid || !stored) return given;
  const rows = stored.length / (grid ** 2 + (encoder.classPosition === false ? 0 : 1));
  const patches = grid ** 2 * rows;
  const first = stored.subarray(0, stored.length - patches);
  const resampled = resampleGrid(stored.subarray(first.length), { grid, side, rule });
  const positions = new Float32Array(first.length + resampled.length);
  positions.set(first);
  positions.set(resampled, first.length);
  return {
    ...given,
    encoder: sided,
    tensors: new Map(tensors).set('pos_embed', positions),
  };
}

/**
 * The architecture of an encoder that takes images of some side.
 * @throws UserError where the side is no multiple of the patches'
 */
export function optionsAtSide(encoder: EncoderOptions, imageSize: number): EncoderOptions {
  if (encoder.family !== 'vit') return encoder;
  requirePatches(encoder.patch, imageSize);
  return { ...encoder, grid: imageSize / encoder.patch };
}

/**
 * Holds a side against being a whole number of patches. Meta's DINOv2 and timm refuse others too; a convolution would
 * leave the rest of the pixels out.
 */
function requirePatches(patch: number, imageSize: number): void {
  if (imageSize % patch === 0 && imageSize > 0) return;
  const below = Math.floor(imageSize / patch) * patch;
  const sides = below > 0 ? `${below} or ${below + patch}` : `${patch}`;
  throw new UserError(
    `images of ${imageSize} pixels a side are no whole number of the encoder's patches, which have ${patch}: take a side of ${sides}`,
  );
}
