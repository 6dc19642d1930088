import type { Engine } from '../../autograd/engine.ts';
import { featureExtractor } from '../../encoder/feature_extractor.ts';
import type { InputRecipe } from '../../encoder/recipe.ts';
import type { Encoder } from '../../nn/encoder.ts';
import type { FeatureRows } from '../scan/features.ts';
import type { ImagePool } from './recipe_pool.ts';

/** Images of a batch. */
const batch = 64;

/**
 * Features of images that are in memory.
 * @param encoder on the GPU
 * @param images by number in the source, each once
 * @param recipe side and normalisation of what the encoder sees; the pool's squares are only resized
 */
export async function poolFeatures(
  engine: Engine,
  encoder: Encoder,
  pool: ImagePool,
  images: readonly number[],
  { imageSize, normalise }: Pick<InputRecipe, 'imageSize'> & Partial<Pick<InputRecipe, 'normalise'>>,
): Promise<FeatureRows> {
  const shape = { pixels: pool.pixels, sourceSize: pool.size, imageSize, batch, normalise };
  const extract = await featureExtractor(engine, encoder, shape);
  const values = await extract(images.map((image) => pool.positions[image]!));
  extract.destroy();
  const rows = new Int32Array(pool.positions.length).fill(-1);
  images.forEach((image, row) => {
    rows[image] = row;
  });
  return { values, columns: encoder.featureSize, rows };
}
