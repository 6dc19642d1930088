import type { Engine } from '../../autograd/engine.ts';
import type { ImageStream } from '../../data/sources/image_stream.ts';
import { loadImages } from '../../data/sources/read_images.ts';
import { atSide } from '../../encoder/at_side.ts';
import { type FeatureOptions, featureExtractor } from '../../encoder/feature_extractor.ts';
import { type LoadedEncoder, loadEncoder } from '../../encoder/loaded_encoder.ts';
import type { InputRecipe } from '../../encoder/recipe.ts';
import type { Pooling } from '../../nn/vit/vit.ts';
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
 * @throws UserError where a vision transformer's patches do not fill a recipe's side
 */
export async function scoreRecipes(
  engine: Engine,
  recipes: readonly InputRecipe[],
  trial: RecipeTrial,
): Promise<RecipeScore[]> {
  const drawn = drawLabels(trial);
  if (!drawn) return [];
  const scores: RecipeScore[] = [];
  for (const recipe of recipes) {
    trial.onProgress?.(scores.length, recipes.length);
    const features = await featuresBy(engine, trial.encoder, recipe, trial.stream, drawn.images);
    scores.push({ recipe, ...scoreOf(features, drawn, trial) });
  }
  return scores;
}

/** A row for each image of a vision transformer's tokens, and how well a probe on it does. */
export interface PoolingScore extends Omit<RecipeScore, 'recipe'> {
  /** What stands for the image. */
  readonly pooling: Pooling;
}

/**
 * The same for what may stand for an image of a vision transformer: the class token, the mean of the patches' tokens,
 * both. One pass of the images gives all three.
 */
export async function scorePoolings(
  engine: Engine,
  recipe: InputRecipe,
  trial: RecipeTrial,
): Promise<PoolingScore[]> {
  const drawn = drawLabels(trial);
  const { architecture } = trial.encoder;
  if (!drawn || architecture.family !== 'vit') return [];
  const encoder = { ...trial.encoder, architecture: { ...architecture, pooling: 'both' } as const };
  const { features, read } = await featuresBy(engine, encoder, recipe, trial.stream, drawn.images);
  const rows = drawn.images.length;
  const width = features.length / rows / 2;
  const half = (start: number) => {
    const own = new Float32Array(rows * width);
    for (let row = 0; row < rows; row++)
      own.set(features.subarray((2 * row + start) * width, (2 * row + start + 1) * width), row * width);
    return own;
  };
  const parts: readonly (readonly [Pooling, Float32Array])[] = [
    ['class', half(0)],
    ['mean', half(1)],
    ['both', features],
  ];
  return parts.map(([pooling, own]) => ({ pooling, ...scoreOf({ features: own, read }, drawn, trial) }));
}

interface DrawnLabels {
  readonly images: Int32Array;
  readonly labels: Int32Array;
}

/** The labelled images that are looked at; undefined where they are too few for folds. */
function drawLabels({ labelled, seed }: RecipeTrial): DrawnLabels | undefined {
  const count = Math.min(mostImages, labelled.images.length);
  const drawn = chooseAscending(labelled.images.length, count, new Random(seed, streams.recipes));
  const images = Int32Array.from(drawn, (i) => labelled.images[i]!);
  const labels = Int32Array.from(drawn, (i) => labelled.labels[i]!);
  const own = Int32Array.from(labels.keys());
  return labelFolds(labels, own, folds, seed).length === 0 ? undefined : { images, labels };
}

function scoreOf(
  { features, read }: ReadFeatures,
  { images, labels }: DrawnLabels,
  { classes, seed }: RecipeTrial,
): Omit<RecipeScore, 'recipe'> {
  const known = labels.map((label, row) => (read.has(images[row]!) ? label : -1));
  const hits = outOfFold(features, known, classes, seed);
  return { accuracy: hits.reduce((sum, hit) => sum + hit, 0) / hits.length, hits };
}

interface ReadFeatures {
  readonly features: Float32Array;
  readonly read: Set<number>;
}

/** Features of images by a recipe, zeros for those that cannot be read. */
async function featuresBy(
  engine: Engine,
  { architecture, tensors, positions }: TrainedEncoder,
  { imageSize, resize, normalise, mirror }: InputRecipe,
  stream: ImageStream,
  images: Int32Array,
): Promise<ReadFeatures> {
  const network = loadEncoder(engine, atSide({ encoder: architecture, tensors, positions }, imageSize));
  const source = resize ? stream.resized(imageSize, resize) : stream;
  const { pixels, unreadable } = await loadImages(source, images);
  const skipped = new Set(unreadable.map(({ image }) => image));
  const read = images.filter((image) => !skipped.has(image));
  const shape = { pixels, sourceSize: source.size, imageSize, batch: usualBatch, normalise, mirror };
  const { featureSize: columns } = network;
  const features = new Float32Array(images.length * columns);
  const rows = await extractRows(engine, network, shape, Int32Array.from(read.keys()));
  let row = 0;
  images.forEach((image, at) => {
    if (!skipped.has(image)) features.set(rows.subarray(row * columns, ++row * columns), at * columns);
  });
  return { features, read: new Set(read) };
}

/** Features of some images, after which the network is gone. */
async function extractRows(
  engine: Engine,
  network: LoadedEncoder,
  options: FeatureOptions,
  rows: Int32Array,
): Promise<Float32Array> {
  try {
    const extract = await featureExtractor(engine, network, options);
    try {
      return await extract(rows);
    } finally {
      extract.destroy();
    }
  } finally {
    network.parameters.destroy();
  }
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
export function bestRecipe<Score extends Pick<RecipeScore, 'hits'>>(
  scores: readonly Score[],
): Score | undefined {
  return scores.reduce<Score | undefined>(
    (best, score) =>
      best === undefined || deviationsAhead(score.hits, best.hits) > leastDeviations ? score : best,
    undefined,
  );
}

/** A chance of one in six for each of a handful of recipes that do the same. */
const leastDeviations = 1;
