import * as v from 'valibot';
import { mostResizedSide, resizeFilters } from '../data/resize/resize.ts';

/** The largest square that an encoder may be given, in pixels; as the setting of the images' side allows. */
export const mostImageSide = 1024;
/** The smallest square that a network is trained on, in pixels: smaller images are enlarged. */
export const leastImageSide = 8;

const channels = (least: number) => {
  const channel = v.pipe(v.number(), v.finite(), v.minValue(least), v.maxValue(1e6));
  return v.tuple([channel, channel, channel]);
};

/** A `Normalisation` as files hold it: three channels each. */
export const normalisationSchema = v.object({ mean: channels(-1e6), std: channels(1e-6) });

const side = (most: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most));

/** A `Resize` as files hold it. */
export const resizeSchema = v.object({
  filter: v.picklist(resizeFilters),
  shorterSide: side(mostResizedSide),
  squash: v.exactOptional(v.boolean()),
});

/** An `InputRecipe` as files hold it. */
export const recipeSchema = v.object({
  imageSize: side(mostImageSide),
  resize: v.exactOptional(resizeSchema),
  normalise: normalisationSchema,
  mirror: v.exactOptional(v.literal(true)),
});
