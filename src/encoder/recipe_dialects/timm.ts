import { type ResizeFilter, shorterSideOf } from '../../data/resize/resize.ts';
import type { Fields } from './fields.ts';
import { meanBounds, type StatedParts, shareBounds, squareBounds, stdBounds } from './stated.ts';

const filters: Readonly<Record<string, ResizeFilter>> = { bilinear: 'bilinear', bicubic: 'bicubic' };

/** Whether both sides become the resized one (timm/data/transforms_factory.py, `transforms_imagenet_eval`). */
const cropModes: Readonly<Record<string, boolean>> = { center: false, squash: true };

/** Keys by which a configuration of timm's is known. */
export const timmKeys = ['pretrained_cfg', 'input_size', 'interpolation', 'crop_pct'] as const;

/**
 * The recipe in timm's `config.json`: in `pretrained_cfg`, or flat as older files have it. It is the one that timm itself
 * evaluates with by default, not the one of `test_input_size`.
 * @throws UserError for a field of the right name with a value that is none
 */
export function timmRecipe(file: Fields): StatedParts {
  const fields = file.inside('pretrained_cfg') ?? file;
  const imageSize = squareOf(fields);
  const cropShare = fields.number('crop_pct', shareBounds);
  const mean = fields.rgb('mean', meanBounds);
  const std = fields.rgb('std', stdBounds);
  return {
    imageSize,
    filter: fields.choice('interpolation', filters),
    shorterSide: imageSize && cropShare ? shorterSideOf(imageSize, cropShare) : undefined,
    squash: fields.choice('crop_mode', cropModes),
    normalise: mean && std && { mean, std },
  };
}

/** The side of `input_size`: channels, height, width. */
function squareOf(fields: Fields): number | undefined {
  const size = fields.value('input_size');
  if (size === undefined) return undefined;
  const [channels, height, width] = Array.isArray(size) ? size : [];
  const { least, most } = squareBounds;
  const fits = Number.isInteger(height) && height >= least && height <= most;
  if (channels === 3 && height === width && fits) return height;
  return fields.refuse('input_size', `[3, side, side] with a side from ${least} to ${most}`);
}
