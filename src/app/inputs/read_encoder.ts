import { platform } from '#platform';
import { lastPart } from '../../data/last_part.ts';
import type { CardSource, HubOrigin, RecipePart } from '../../encoder/encoder_card.ts';
import { readWeights, type Weights } from '../../encoder/encoder_weights.ts';
import { readEncoder } from '../../encoder/names/read_encoder.ts';
import {
  type Publisher,
  publishedAs,
  publisherByConfig,
  publisherByNames,
} from '../../encoder/published_weights.ts';
import type { StatedParts } from '../../encoder/recipe_dialects/stated.ts';
import { readRecipeFile, type StatedRecipe } from '../../encoder/recipe_files.ts';
import { decodeShardedIndex } from '../../formats/sharded.ts';
import type { Files } from '../../platform/platform.ts';
import type { HubSetting } from '../hub/origins.ts';
import { configNames } from '../hub/wanted_files.ts';
import type { NamedWeights } from '../run/read_run.ts';
import { type EncoderStatement, readEncoderConfig } from './encoder_config.ts';
import { type EncoderPlace, findEncoder, type HubReach } from './encoder_place.ts';

/** A trained encoder that the user names. */
export interface GivenEncoder extends NamedWeights {
  /** What the user, a file beside the weights or their published name says of how images reach it. */
  readonly stated: StatedParts;
  /** Who says each part of that. */
  readonly statedBy: Readonly<Partial<Record<RecipePart, CardSource>>>;
  /** What the weights may be used under, where something says it. */
  readonly licence?: string | undefined;
  /** Who says that. */
  readonly licenceBy?: CardSource | undefined;
  /** Who published them, where names tell. */
  readonly publisher?: Publisher | undefined;
  /** Where they came from, where that is the hub. */
  readonly origin?: HubOrigin | undefined;
}

/** The name by which comparisons call the encoder that is shipped with kindred. */
export const baseEncoderName = 'base encoder';

/** The setting's word for it. */
const base = 'base';

/**
 * Reads a trained encoder: `base`, the weights' file, a folder with it, or one of the hub.
 * @param setting by which the user names it
 * @param config what the user says of it: JSON text, or the path of a file with it
 * @param reach of the hub, where what it names may be fetched
 * @throws UserError where there is nothing, or nothing that can be read as an encoder
 */
export async function readGivenEncoder(
  files: Files,
  setting: HubSetting,
  place: string,
  config?: string,
  reach?: HubReach,
): Promise<GivenEncoder> {
  const said = config === undefined ? undefined : await readEncoderConfig(files, config, `${setting}Config`);
  if (place === base) return readBase(said);
  const found = await findEncoder(files, setting, place, reach);
  const { origin } = found;
  const beside = await readBeside(files, found);
  const encoder = { ...beside.encoder, ...said?.encoder };
  const file = lastPart(found.weights);
  const known = publishedAs(file);
  const weights = await readWeightsAt(files, found, encoder);
  return {
    ...weights,
    name: found.name,
    learnedFromLabels: false,
    ...together([
      ['name', known?.recipe],
      ['config', beside.stated],
      ['user', said?.recipe],
    ]),
    ...licenceOf([
      ['config', beside.licence],
      ['weights', weights.metadata.licence],
      ['name', known?.licence],
      ['hub', origin?.licence],
    ]),
    publisher: publisherByNames([file, lastPart(origin?.repository ?? place)]) ?? beside.publisher,
    origin,
  };
}

async function readBase(said: EncoderStatement | undefined): Promise<GivenEncoder> {
  const [weights, config] = await Promise.all([
    platform.shipped(`${base}/model.safetensors`),
    platform.shipped(`${base}/config.json`),
  ]);
  const recipe = readRecipeFile(new TextDecoder().decode(config), `${base}/config.json`);
  return {
    ...readWeights(weights, baseEncoderName),
    name: baseEncoderName,
    learnedFromLabels: false,
    ...together([
      ['config', partsOf(recipe)],
      ['user', said?.recipe],
    ]),
    ...licenceOf([['config', recipe.licence]]),
  };
}

/** Parts of a recipe as several say them, later ones above earlier ones, and who says each. */
function together(
  layers: readonly (readonly [CardSource, StatedParts | undefined])[],
): Pick<GivenEncoder, 'stated' | 'statedBy'> {
  let stated: StatedParts = {};
  let statedBy: GivenEncoder['statedBy'] = {};
  for (const [source, parts] of layers) {
    const own = definedOf(parts ?? {});
    stated = { ...stated, ...own };
    statedBy = { ...statedBy, ...Object.fromEntries(Object.keys(own).map((part) => [part, source])) };
  }
  return { stated, statedBy };
}

/** The first licence that anybody states. */
function licenceOf(
  said: readonly (readonly [CardSource, string | undefined])[],
): Pick<GivenEncoder, 'licence' | 'licenceBy'> {
  const [licenceBy, licence] = said.find(([, text]) => text !== undefined) ?? [];
  return { licence, licenceBy };
}

async function readWeightsAt(
  files: Files,
  { weights, beside }: EncoderPlace,
  stated: Readonly<Record<string, unknown>>,
): Promise<Weights> {
  const bytes = await files.read(weights);
  if (!weights.endsWith('.index.json')) return readWeights(bytes, weights, stated);
  const content = await decodeShardedIndex(new TextDecoder().decode(bytes), weights, async (name) => {
    const shard = beside(name);
    return shard !== undefined && (await files.stat(shard))?.kind === 'file' ? files.read(shard) : undefined;
  });
  return readEncoder(content, weights, stated);
}

/** What the configurations beside weights say. */
interface Beside {
  readonly stated: StatedParts;
  readonly encoder: Readonly<Record<string, unknown>>;
  readonly licence: string | undefined;
  readonly publisher: Publisher | undefined;
}

/** The recipe of `preprocessor_config.json` stands above that of a `config.json`, which may be about the network alone. */
async function readBeside(files: Files, place: Pick<EncoderPlace, 'beside'>): Promise<Beside> {
  let beside: Beside = { stated: {}, encoder: {}, licence: undefined, publisher: undefined };
  for (const name of configNames) {
    const path = place.beside(name);
    if (path === undefined || (await files.stat(path))?.kind !== 'file') continue;
    const text = new TextDecoder().decode(await files.read(path));
    const recipe = readRecipeFile(text, path);
    beside = {
      stated: { ...beside.stated, ...partsOf(recipe) },
      encoder: { ...beside.encoder, ...recipe.encoder },
      licence: recipe.licence ?? beside.licence,
      publisher: publisherByConfig(recipe) ?? beside.publisher,
    };
  }
  return beside;
}

const partsOf = ({ imageSize, filter, shorterSide, squash, normalise, mirror }: StatedRecipe): StatedParts =>
  definedOf({ imageSize, filter, shorterSide, squash, normalise, mirror });

const definedOf = <Part extends object>(parts: Part): Part =>
  Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as Part;
