import type { Engine } from '../../autograd/engine.ts';
import { atSide } from '../../encoder/at_side.ts';
import {
  type CardSource,
  cardSources,
  type EncoderCard,
  featureOf,
  type RecipePart,
} from '../../encoder/encoder_card.ts';
import {
  candidateRecipes,
  candidateSquares,
  describeRecipe,
  normalisationName,
  otherNormalisations,
  type RecipeHints,
} from '../../encoder/known_recipes.ts';
import { type InputRecipe, sameNormalisation } from '../../encoder/recipe.ts';
import { type BetterNormalisation, betterNormalisation } from '../../label/scan/check_normalisation.ts';
import { bestRecipe, type RecipeTrial, scorePoolings, scoreRecipes } from '../../label/scan/choose_recipe.ts';
import type { TrainedEncoder } from '../../label/scan/features.ts';
import { architectureOf, type EncoderOptions } from '../../nn/family_registry.ts';
import { percent } from '../percent.ts';
import type { Reporter } from '../reporter.ts';
import type { GivenEncoder } from './read_encoder.ts';

/**
 * The recipe of an encoder: as it is stated, else by trial on the given labels; with who says each part of it. A
 * normalisation that is stated is checked, and a better one is told; what is stated stays. With it comes the encoder as it
 * takes squares of the recipe's side; of a vision transformer with what stands for an image, chosen in the same way.
 * @param photos whether the images are photos
 */
export async function chooseRecipe(
  engine: Engine,
  reporter: Reporter,
  known: GivenEncoder,
  trial: RecipeTrial,
  photos: boolean,
): Promise<{ readonly card: EncoderCard; readonly encoder: TrainedEncoder }> {
  const { name, stated, publisher } = known;
  const hints: RecipeHints = { photos, publisher };
  const onProgress = (done: number, total: number) =>
    reporter.progress({ stage: `recipes of ${name}`, done, total });
  const tried: InputRecipe[] = [];
  const choose = async (candidates: readonly InputRecipe[]): Promise<InputRecipe> => {
    const [likeliest] = candidates;
    if (candidates.length < 2) return likeliest!;
    const scores = await scoreRecipes(engine, candidates, { ...trial, onProgress });
    const best = bestRecipe(scores);
    if (!best) {
      reporter.note(`${name}: its recipe is stated nowhere and the labels are too few to try any`);
      return likeliest!;
    }
    tried.push(...candidates);
    reporter.note(`${name}: its recipe is stated nowhere; accuracy out of fold by`);
    for (const { recipe, accuracy } of scores)
      reporter.note(`  ${percent(accuracy)} ${describeRecipe(recipe)}`);
    return best.recipe;
  };
  const recipes = candidateRecipes(known, stated, hints);
  const normalised = await choose(recipes);
  const recipe = await choose(candidateSquares(normalised, known, stated, hints));
  const from = sourcesOf(known, tried);
  const warnings: string[] = [];
  if (recipes.length === 1 && isSaidOfOthers(known, recipe)) {
    const others = otherNormalisations(known, recipe.normalise);
    const better = await betterNormalisation(engine, recipe, others, trial);
    if (better) warnings.push(warningOf(name, from.normalise, recipe, better));
  }
  for (const warning of warnings) reporter.note(`warning: ${warning}`);
  const { architecture, feature } = await choosePooling(engine, reporter, known, recipe, trial);
  const { encoder, tensors } = atSide({ ...known, encoder: architecture }, recipe.imageSize);
  const card: EncoderCard = {
    name,
    architecture: architectureOf(encoder).title,
    recipe,
    feature: featureOf(encoder),
    licence: known.licence ?? null,
    origin: known.origin,
    from: { ...from, licence: known.licenceBy ?? null, ...(feature && { feature }) },
    warnings,
  };
  return { card, encoder: { architecture: encoder, tensors } };
}

/** What stands for an image of a vision transformer, and who says so: a file, the user, or by trial the given labels. */
async function choosePooling(
  engine: Engine,
  reporter: Reporter,
  { name, encoder, metadata }: GivenEncoder,
  recipe: InputRecipe,
  trial: RecipeTrial,
): Promise<{ readonly architecture: EncoderOptions; readonly feature?: CardSource }> {
  if (encoder.family !== 'vit') return { architecture: encoder };
  if (metadata.encoder !== undefined) return { architecture: encoder, feature: 'weights' };
  if (encoder.pooling !== undefined) return { architecture: encoder, feature: 'user' };
  const scores = await scorePoolings(engine, recipe, trial);
  const best = bestRecipe(scores);
  if (!best) return { architecture: encoder, feature: 'usual' };
  reporter.note(`${name}: what stands for an image is stated nowhere; accuracy out of fold by`);
  for (const { pooling, accuracy } of scores)
    reporter.note(`  ${percent(accuracy)} ${featureOf({ ...encoder, pooling })}`);
  return { architecture: { ...encoder, pooling: best.pooling }, feature: 'labels' };
}

/** Whether the weights file itself states a normalisation. */
const hasOwnNormalisation = ({ source: { normalisation } }: Pick<GivenEncoder, 'source'>): boolean =>
  normalisation === 'metadata' || normalisation === 'tensors';

/** Whether a normalisation is another than the weights file itself states. */
const isSaidOfOthers = (known: GivenEncoder, { normalise }: InputRecipe): boolean =>
  !hasOwnNormalisation(known) || !sameNormalisation(normalise, known.normalise);

/** What was stated, what fits better and by how much, what to do. */
function warningOf(
  name: string,
  source: CardSource,
  { normalise }: InputRecipe,
  { normalise: better, misfits, accuracies }: BetterNormalisation,
): string {
  const labels = accuracies
    ? `, and out of fold ${percent(accuracies[1])} of the given labels are named rightly instead of ${percent(accuracies[0])}`
    : '';
  const [asked, least] = misfits.map((misfit) => misfit.toFixed(2));
  return `${name}: its normalisation, ${cardSources[source]}, is '${normalisationName(normalise)}', and '${normalisationName(better)}' fits better: by the statistics in its first norm the images are then ${least} nats from those that it was trained on instead of ${asked}${labels}; state that one, or leave mean and std out`;
}

/** Who says each part of a recipe. @param tried recipes that were compared by the labels */
function sourcesOf(
  { statedBy, source, imageSize, resize, mirror }: GivenEncoder,
  tried: readonly InputRecipe[],
): Record<RecipePart, CardSource> {
  const ofSquare = (part: 'filter' | 'shorterSide' | 'squash') => (recipe: InputRecipe) =>
    recipe.resize?.[part];
  const by = (part: RecipePart, own: boolean, value: (recipe: InputRecipe) => unknown): CardSource => {
    if (statedBy[part] !== undefined) return statedBy[part];
    if (own) return 'weights';
    return new Set(tried.map(value)).size > 1 ? 'labels' : 'usual';
  };
  return {
    imageSize: by('imageSize', imageSize !== undefined, (recipe) => recipe.imageSize),
    filter: by('filter', resize !== undefined, ofSquare('filter')),
    shorterSide: by('shorterSide', resize !== undefined, ofSquare('shorterSide')),
    squash: by('squash', resize !== undefined, ofSquare('squash')),
    normalise: by('normalise', hasOwnNormalisation({ source }), (recipe) =>
      normalisationName(recipe.normalise),
    ),
    mirror: by('mirror', mirror !== undefined, (recipe) => recipe.mirror),
  };
}
