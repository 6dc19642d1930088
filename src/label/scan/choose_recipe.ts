import type { Engine } from '../../autograd/engine.ts';
import type { ImageStream } from '../../data/sources/image_stream.ts';
import { loadImages } from '../../data/sources/read_images.ts';
import { featureExtractor } from '../../encoder/feature_extractor.ts';
import { type LoadedEncoder, loadEncoder } from '../../encoder/loaded_encoder.ts';
import type { InputRecipe } from '../../encoder/recipe.ts';
import { pickRows } from '../../numerics/feature_rows.ts';
import { deviationsAhead } from '../../numerics/mcnemar.ts';
import { fitProbe, predictProbe } from '../../numerics/probe/probe.ts';
import { chooseAscending, Random, streams } from '../../random.ts';
import { labelFolds } from '../methods/folds.ts';
import type { LabelledImages } from '../methods/method.ts';
import type { TrainedEncoder } from './features.ts';

/** A recipe that was tried. */
export interface RecipeScore {
  /** How images were brought to the encoder. */
  readonly recipe: InputRecipe;
  /** Share of the given labels that a probe on its features names rightly out of fold. */
  readonly accuracy: number;
  /** 1 for each of these labels that it names rightly. */
  readonly hits: Uint8Array;
}

/** How recipes are compared. */
export interface RecipeTrial {
  /** The encoder that sees the images. */
  readonly encoder: TrainedEncoder;
  /** All images of the source. */
  readonly stream: ImageStream;
  /** Those with a label, and the label of each. */
  readonly labelled: LabelledImages;
  /** How many classes there are. */
  readonly classes: number;
  /** Draws the images, where there are many, and the folds. */
  readonly seed: number;
  /** Told how many recipes of how many were tried; throws to stop. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Labels enough to tell a recipe that fits from one that does not. */
const mostImages = 200;
const folds = 5;
const usualBatch = 32;

/**
 * Tries recipes on the labelled images, at most two hundred of them: for each the out-of-fold accuracy of a probe, in
 * the order of the recipes. Empty where the labels are too few for folds.
 */
export async function scoreRecipes(
  engine: Engine,
  recipes: readonly InputRecipe[],
  { encoder, stream, labelled, classes, seed, onProgress }: RecipeTrial,
): Promise<RecipeScore[]> {
  const count = Math.min(mostImages, labelled.images.length);
  const drawn = chooseAscending(labelled.images.length, count, new Random(seed, streams.recipes));
  const images = Int32Array.from(drawn, (i) => labelled.images[i]!);
  const labels = Int32Array.from(drawn, (i) => labelled.labels[i]!);
  const own = Int32Array.from(labels.keys());
  if (labelFolds(labels, own, folds, seed).length === 0) return [];
  const { architecture, tensors } = encoder;
  const network = loadEncoder(engine, { encoder: architecture, tensors });
  const scores: RecipeScore[] = [];
  try {
    for (const recipe of recipes) {
      onProgress?.(scores.length, recipes.length);
      const { features, read } = await featuresBy(engine, network, recipe, stream, images);
      const known = labels.map((label, row) => (read.has(images[row]!) ? label : -1));
      const hits = outOfFold(features, known, classes, seed);
      scores.push({ recipe, accuracy: hits.reduce((sum, hit) => sum + hit, 0) / hits.length, hits });
    }
  } finally {
    network.parameters.destroy();
  }
  return scores;
}

/** Features of images by a recipe, zeros for those that cannot be read. */
async function featuresBy(
  engine: Engine,
  network: LoadedEncoder,
  { imageSize, resize, normalise, mirror }: InputRecipe,
  stream: ImageStream,
  images: Int32Array,
): Promise<{ features: Float32Array; read: Set<number> }> {
  const source = resize ? stream.resized(imageSize, resize) : stream;
  const { pixels, unreadable } = await loadImages(source, images);
  const skipped = new Set(unreadable.map(({ image }) => image));
  const read = images.filter((image) => !skipped.has(image));
  const shape = { pixels, sourceSize: source.size, imageSize, batch: usualBatch, normalise, mirror };
  const extract = await featureExtractor(engine, network, shape);
  const { featureSize: columns } = network;
  const features = new Float32Array(images.length * columns);
  const rows = await extract(Int32Array.from(read.keys()));
  extract.destroy();
  let row = 0;
  images.forEach((image, at) => {
    if (!skipped.has(image)) features.set(rows.subarray(row * columns, ++row * columns), at * columns);
  });
  return { features, read: new Set(read) };
}

/** 1 for each label that a probe names rightly which has not seen it. */
function outOfFold(features: Float32Array, labels: Int32Array, classes: number, seed: number): Uint8Array {
  const columns = features.length / labels.length;
  const rowsOf = (rows: Int32Array) => pickRows(features, columns, rows);
  const predicted = new Int32Array(labels.length).fill(-1);
  const own = Int32Array.from(labels.keys());
  for (const { train, heldOut } of labelFolds(labels, own, folds, seed)) {
    const probe = fitProbe(
      rowsOf(train),
      train.map((row) => labels[row]!),
      classes,
      { seed },
    );
    const { labels: named } = predictProbe(probe, rowsOf(heldOut));
    heldOut.forEach((row, i) => {
      predicted[row] = named[i]!;
    });
  }
  return Uint8Array.from(labels, (label, row) => (label >= 0 && predicted[row] === label ? 1 : 0));
}

/**
 * The recipe to take of those that were tried: the likeliest, which comes first, unless a later one names more labels
 * rightly by over a standard deviation of chance. Few labels cannot tell recipes apart that do nearly the same.
 */
export function bestRecipe(scores: readonly RecipeScore[]): RecipeScore | undefined {
  return scores.reduce<RecipeScore | undefined>(
    (best, score) =>
      best === undefined || deviationsAhead(score.hits, best.hits) > leastDeviations ? score : best,
    undefined,
  );
}

/** A chance of one in six for each of a handful of recipes that do the same. */
const leastDeviations = 1;
