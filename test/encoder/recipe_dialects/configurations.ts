import { readRecipeFile, type StatedRecipe } from '../../../src/encoder/recipe_files.ts';
import { imagenetScale } from '../../../src/ops/augment.ts';

/** Reads a configuration as if it lay in a file. */
export const read = (config: unknown, file = 'config.json') => readRecipeFile(JSON.stringify(config), file);

/** What is stated of the recipe, without what is not. */
export function partsOf({ imageSize, filter, shorterSide, squash, normalise }: StatedRecipe) {
  const parts = Object.entries({ imageSize, filter, shorterSide, squash, normalise });
  return Object.fromEntries(parts.filter(([, value]) => value !== undefined));
}

const { mean, std } = imagenetScale;

/** As Hugging Face holds it for timm/resnet18.a1_in1k, shortened. */
export const timm = {
  architecture: 'resnet18',
  num_classes: 1000,
  pretrained_cfg: {
    tag: 'a1_in1k',
    input_size: [3, 224, 224],
    test_input_size: [3, 288, 288],
    interpolation: 'bicubic',
    crop_pct: 0.95,
    test_crop_pct: 1.0,
    crop_mode: 'center',
    mean,
    std,
    first_conv: 'conv1',
    license: 'apache-2.0',
  },
};

/** The figures of an image processor, as a `preprocessor_config.json` of transformers holds them. */
export const figures = { do_normalize: true, image_mean: mean, image_std: std };

/** What they come to. */
export const normalise = { mean: [...mean], std: [...std] };

/** What a pixel of each level becomes by a normalisation, as the engine computes it. */
export function brought(
  { mean: low, std: scale }: NonNullable<StatedRecipe['normalise']>,
  level: number,
): number[] {
  return [0, 1, 2].map(
    (k) =>
      (level / 255 - [low].flat().at(k % [low].flat().length)!) /
      [scale].flat().at(k % [scale].flat().length)!,
  );
}
