import { type ResizeFilter, shorterSideOf } from '../../data/resize/resize.ts';
import { type Normalisation, perChannel, type Rgb } from '../../ops/augment.ts';
import { type Bounds, type Fields, isObject } from './fields.ts';
import { meanBounds, type StatedParts, shareBounds, sideBounds, squareBounds, stdBounds } from './stated.ts';

/** Pillow's numbers of the filters (PIL.Image.Resampling) that are at hand. */
const filters: Readonly<Record<string, ResizeFilter>> = { 2: 'bilinear', 3: 'bicubic' };

/** Keys by which a configuration of an image processor is known. */
export const transformersKeys = [
  'image_processor_type',
  'feature_extractor_type',
  'image_mean',
  'do_resize',
  'do_normalize',
  'resample',
] as const;

/** Processors for which a plain number is the side of a square, whatever the image's shape; for others the shorter side. */
const squashing = /^(?:ViT|DeiT|Beit|Data2Vec|Yolos|Perceiver)/;

/** ConvNext's processor, which Hugging Face's ResNets use: a smaller square than this is cut out, a larger one squashed. */
const convNext = /^ConvNext/;
const squashedFrom = 384;
const convNextShare = 224 / 256;

/**
 * The recipe in the `preprocessor_config.json` of Hugging Face's transformers.
 * @throws UserError for a field of the right name with a value that is none
 */
export function transformersRecipe(fields: Fields): StatedParts {
  return {
    ...squareOf(fields),
    filter: fields.choice('resample', filters),
    normalise: normalisationOf(fields),
  };
}

/** Which square is made, and what it is cut from. */
function squareOf(fields: Fields): StatedParts {
  const cropped = fields.flag('do_center_crop') ?? fields.has('crop_size');
  const cropSize = cropped ? sideOf(fields, 'crop_size', ['height', 'width'], squareBounds) : undefined;
  if (fields.flag('do_resize') === false) return { imageSize: cropSize };
  const processor = fields.text('image_processor_type') ?? fields.text('feature_extractor_type') ?? '';
  const share = fields.number('crop_pct', shareBounds);
  const size = fields.value('size');
  const square = isObject(size) ? 'height' in size || 'width' in size : squashing.test(processor);
  const side = sideOf(fields, 'size', square ? ['height', 'width'] : ['shortest_edge'], sideBounds);
  if (side === undefined) return { imageSize: cropSize };
  if (!square && (share !== undefined || convNext.test(processor))) {
    const imageSize = fitting(fields, side);
    if (side >= squashedFrom) return { imageSize, shorterSide: side, squash: true };
    return { imageSize, shorterSide: shorterSideOf(side, share ?? convNextShare), squash: false };
  }
  return { imageSize: cropped ? cropSize : fitting(fields, side), shorterSide: side, squash: square };
}

/** The size where nothing is cut out of it: the side of what the encoder sees. */
function fitting(fields: Fields, side: number): number {
  const { least, most } = squareBounds;
  return side <= most ? side : fields.refuse('size', `a side from ${least} to ${most}`);
}

/** A side given as a number, or as equal numbers under some keys. */
function sideOf(fields: Fields, key: string, names: readonly string[], bounds: Bounds): number | undefined {
  const value = fields.value(key);
  if (!isObject(value)) return fields.number(key, bounds);
  const inside = fields.inside(key)!;
  const sides = names.map((name) => inside.number(name, bounds));
  const [side] = sides;
  if (side !== undefined && sides.every((other) => other === side)) return side;
  return fields.refuse(key, `a number or an object with ${names.join(' and ')}, the sides of a square`);
}

/**
 * What is done to pixels in [0, 1]: transformers multiplies bytes by `rescale_factor` where `do_rescale` says so, then
 * subtracts the mean and divides where `do_normalize` says so.
 */
function normalisationOf(fields: Fields): Normalisation | undefined {
  const rescaled = fields.flag('do_rescale') ?? true;
  const factor = fields.number('rescale_factor', { least: 1e-9, most: 1e3 }) ?? 1 / 255;
  // What a white pixel becomes before the mean is subtracted; exactly 1 for the usual factor.
  const white = !rescaled ? 255 : Math.abs(255 * factor - 1) < 1e-6 ? 1 : 255 * factor;
  if (fields.flag('do_normalize') === false) return { mean: 0, std: 1 / white };
  const mean = fields.rgb('image_mean', meanBounds);
  const std = fields.rgb('image_std', stdBounds);
  if (!mean || !std) return undefined;
  const inWhites = (values: Rgb) => perChannel(values).map((value) => value / white) as unknown as Rgb;
  return { mean: inWhites(mean), std: inWhites(std) };
}
