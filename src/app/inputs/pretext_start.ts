import type { HubOrigin } from '../../encoder/encoder_card.ts';
import { candidateRecipes, describeRecipe } from '../../encoder/known_recipes.ts';
import type { InputRecipe } from '../../encoder/recipe.ts';
import { named, sentence, UserError } from '../../errors.ts';
import { architectureOf, type EncoderOptions } from '../../nn/family_registry.ts';
import type { GridRule } from '../../numerics/resample_grid.ts';
import type { EncoderTensors } from '../../pretext/options.ts';
import { networkNames, networkSettings } from '../plan/network_plan.ts';
import type { JobContext } from '../reporter.ts';
import type { KeptSettings } from '../settings/jobs.ts';
import type { HubReach } from './encoder_place.ts';
import { readGivenEncoder } from './read_encoder.ts';

/** A trained encoder that a pretext task goes on from. */
export interface PretextStart {
  /** What the encoder is called where it is compared: `base encoder`, or the last part of its path. */
  readonly name: string;
  /** The architecture, which the run's encoder has too. */
  readonly encoder: EncoderOptions;
  /** What the run's encoder begins as. */
  readonly tensors: EncoderTensors;
  /** Of a vision transformer: how its source brings positions to another side. */
  readonly positions?: GridRule | undefined;
  /** The side and the normalisation that the weights were trained with, and the run's encoder goes on with. */
  readonly recipe: Pick<InputRecipe, 'imageSize' | 'normalise'>;
  /** Where it came from, where that is the hub. */
  readonly origin?: HubOrigin | undefined;
}

type StartSettings = Pick<
  KeptSettings,
  'pretext' | 'pretextFrom' | 'pretextFromConfig' | (typeof networkNames)[number]
>;

/**
 * Reads the encoder that the pretext task is to go on from; undefined where it starts from chance. What no file says of
 * its recipe is as most such encoders have it: before images are read, no label can tell.
 * @param hub whether it may be fetched, and what the run had
 * @throws UserError where there is nothing, or nothing that can be read as an encoder, at the place that the settings
 *   name, or where they say otherwise of the network than the weights do
 */
export async function readPretextStart(
  { files, reporter }: Pick<JobContext, 'files' | 'reporter'>,
  settings: StartSettings,
  hub: Pick<HubReach, 'download' | 'recorded'> = {},
): Promise<PretextStart | undefined> {
  const { pretext, pretextFrom, pretextFromConfig } = settings;
  if (pretextFrom === undefined) {
    if (pretextFromConfig === undefined) return undefined;
    throw new UserError(
      sentence`${named('pretextFromConfig')} is about the weights of ${named('pretextFrom')}: give both, or neither`,
    );
  }
  if (pretext === 'none') {
    throw new UserError(
      sentence`with ${named('pretext', 'none')} nothing is trained that could go on from ${named('pretextFrom', pretextFrom)}: compare these weights by ${named('encoder')}, or let a pretext task train`,
    );
  }
  const known = await readGivenEncoder(files, 'pretextFrom', pretextFrom, pretextFromConfig, {
    ...hub,
    reporter,
  });
  const { name, encoder, tensors, positions, source, origin } = known;
  requireSameNetwork(settings, encoder);
  for (const note of source.notes) reporter.note(`${name}: ${note}`);
  const candidates = candidateRecipes(known, known.stated);
  const { imageSize, normalise } = candidates[0]!;
  const recipe = { imageSize, normalise };
  if (candidates.length > 1)
    reporter.note(
      sentence`${name}: its recipe is stated nowhere; taken as ${describeRecipe(recipe)}, unless ${named('pretextFromConfig')} says otherwise`,
    );
  return { name, encoder, tensors, positions, recipe, origin };
}

/** @throws UserError where a setting asks for another network than weights belong to */
function requireSameNetwork(settings: StartSettings, encoder: EncoderOptions): void {
  const own = networkSettings(encoder);
  for (const name of networkNames) {
    const wanted = settings[name];
    if (wanted === undefined || wanted === own[name]) continue;
    throw new UserError(
      sentence`${named(name, wanted)} contradicts ${named('pretextFrom', settings.pretextFrom)}, which is a ${architectureOf(encoder).title}: leave ${named(name)} out`,
    );
  }
}
