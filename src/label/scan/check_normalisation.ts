import type { Engine } from '../../autograd/engine.ts';
import { loadImages } from '../../data/sources/read_images.ts';
import { firstNormMisfits } from '../../encoder/first_norm.ts';
import type { InputRecipe } from '../../encoder/recipe.ts';
import { deviationsAhead } from '../../numerics/mcnemar.ts';
import type { Normalisation } from '../../ops/augment.ts';
import { type RecipeTrial, scoreRecipes } from './choose_recipe.ts';

/** A normalisation that fits an encoder better than the one it was to get. */
export interface BetterNormalisation {
  /** What fits better. */
  readonly normalise: Normalisation;
  /** How unlike its training images the images look to the encoder's first norm, in nats: as asked for, and as fits better. */
  readonly misfits: readonly [asked: number, better: number];
  /** Shares of the given labels that are named rightly out of fold; absent where they do not tell. */
  readonly accuracies?: readonly [asked: number, better: number];
}

/** Images looked at: their statistics are within a few hundredths of a nat of those of all. */
const looked = 64;

/**
 * Normalisations that differ by less do nearly the same. Of CIFAR ResNets and the shipped encoder, on CIFAR-10, CIFAR-100
 * and photos, the right one has at most 0.1, ImageNet's for CIFAR's and the like at most 0.15, pixels from −1 to 1 have 0.2
 * to 0.6 and those from 0 to 1 0.65 to 1.2.
 */
const leastDifference = 0.15;
/** Where one is as near as the right one is on photos, and the other this many times as far, nothing else need be asked. */
const mostMisfit = 0.15;
const leastRatio = 3;
/** Two deviations of chance: one in forty of those that do the same. */
const leastDeviations = 2;

/**
 * Looks whether another normalisation of the pixels fits an encoder clearly better than the one that its recipe has.
 * Asked first are the running statistics of the encoder's first norm, which need no label; where these speak for
 * another, the given labels, out of fold. Images unlike any photo (drawings, scans) may look to the norm as if they were
 * normalised wrongly, so the labels have the last word where they can tell: a probe makes up for much, so often they
 * cannot.
 * @param others normalisations that such encoders may have been trained with
 * @returns undefined where none is clearly better
 */
export async function betterNormalisation(
  engine: Engine,
  recipe: InputRecipe,
  others: readonly Normalisation[],
  trial: RecipeTrial,
): Promise<BetterNormalisation | undefined> {
  const { encoder, stream, seed } = trial;
  const { imageSize, resize, normalise } = recipe;
  const { architecture, tensors } = encoder;
  const count = Math.min(looked, stream.paths.length);
  const images = Int32Array.from({ length: count }, (_, i) => Math.floor((i * stream.paths.length) / count));
  const source = stream.resized(imageSize, resize);
  const { pixels } = await loadImages(source, images);
  if (pixels.length === 0) return undefined;
  const squares = { pixels, size: source.size };
  const misfits = firstNormMisfits({ encoder: architecture, tensors }, squares, [normalise, ...others], seed);
  if (!misfits) return undefined;
  const [asked, ...rest] = misfits as [number, ...number[]];
  const least = Math.min(...rest);
  if (!(asked - least >= leastDifference)) return undefined;
  const better: BetterNormalisation = { normalise: others[rest.indexOf(least)]!, misfits: [asked, least] };
  const isConclusive = least <= mostMisfit && asked >= leastRatio * least;
  const [own, other] = await scoreRecipes(
    engine,
    [recipe, { ...recipe, normalise: better.normalise }],
    trial,
  );
  if (!own || !other) return isConclusive ? better : undefined;
  const ahead = deviationsAhead(other.hits, own.hits);
  if (ahead > leastDeviations) return { ...better, accuracies: [own.accuracy, other.accuracy] };
  return isConclusive && ahead > -leastDeviations ? better : undefined;
}
