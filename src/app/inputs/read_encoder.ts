import { platform } from '#platform';
import { lastPart } from '../../data/last_part.ts';
import type { CardSource, RecipePart } from '../../encoder/encoder_card.ts';
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
import { named, sentence, UserError } from '../../errors.ts';
import { decodeShardedIndex } from '../../formats/sharded.ts';
import type { Files } from '../../platform/platform.ts';
import type { NamedWeights } from '../run/read_run.ts';
import { type EncoderStatement, readEncoderConfig } from './encoder_config.ts';

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
}

/** The name by which comparisons call the encoder that is shipped with kindred. */
export const baseEncoderName = 'base encoder';

/** The setting's word for it. */
const base = 'base';

/** Names of weights files in folders of the hub's layout and in runs of kindred, the most wanted first. */
const hubNames = [
  'model.safetensors',
  'model.safetensors.index.json',
  'pytorch_model.bin',
  'pytorch_model.bin.index.json',
  'encoder.safetensors',
];
const weightsName = /\.(?:safetensors|pth|th|pt|ckpt|bin|torch|tar)$/i;
const configNames = ['config.json', 'preprocessor_config.json'];

/** A setting that names a trained encoder. */
type EncoderSetting = 'encoder' | 'weights' | 'pretextFrom';

/**
 * Reads a trained encoder: `base`, the weights' file, or a folder with it.
 * @param setting by which the user names it
 * @param config what the user says of it: JSON text, or the path of a file with it
 * @throws UserError where there is nothing, or nothing that can be read as an encoder
 */
export async function readGivenEncoder(
  files: Files,
  setting: EncoderSetting,
  place: string,
  config?: string,
): Promise<GivenEncoder> {
  const said = config === undefined ? undefined : await readEncoderConfig(files, config, `${setting}Config`);
  if (place === base) return readBase(said);
  const path = await findWeights(files, setting, place);
  const folder = path.slice(0, Math.max(0, path.length - lastPart(path).length - 1)) || '.';
  const beside = await readBeside(files, folder);
  const encoder = { ...beside.encoder, ...said?.encoder };
  const known = publishedAs(lastPart(path));
  const weights = await readWeightsAt(files, path, folder, encoder);
  return {
    ...weights,
    name: lastPart(place),
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
    ]),
    publisher: publisherByNames([lastPart(path), lastPart(place)]) ?? beside.publisher,
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

/** Path of the weights that a place names. */
async function findWeights(files: Files, setting: EncoderSetting, place: string): Promise<string> {
  const found = await files.stat(place);
  if (found?.kind === 'file') return place;
  const where = sentence`${named(setting, place)}`;
  if (found === undefined) {
    throw new UserError(
      sentence`there is nothing at ${where}: give a weights file, a folder with model.safetensors, or ${setting === 'encoder' ? 'base or none' : 'base'}`,
    );
  }
  const names = (await files.list(place)).filter((name) => !name.includes('/'));
  const usual = hubNames.find((name) => names.includes(name));
  if (usual !== undefined) return files.join(place, usual);
  const weights = names.filter((name) => weightsName.test(name));
  const [only] = weights;
  if (only !== undefined && weights.length === 1) return files.join(place, only);
  if (only === undefined)
    throw new UserError(
      sentence`${where} is a folder without weights: give one that holds model.safetensors, or the file itself`,
    );
  throw new UserError(
    sentence`${where} holds several weights files (${weights.slice(0, 3).join(', ')}${weights.length > 3 ? ', …' : ''}): give the one that you mean`,
  );
}

async function readWeightsAt(
  files: Files,
  path: string,
  folder: string,
  stated: Readonly<Record<string, unknown>>,
): Promise<Weights> {
  const bytes = await files.read(path);
  if (!path.endsWith('.index.json')) return readWeights(bytes, path, stated);
  const content = await decodeShardedIndex(new TextDecoder().decode(bytes), path, async (name) => {
    const shard = files.join(folder, name);
    return (await files.stat(shard))?.kind === 'file' ? files.read(shard) : undefined;
  });
  return readEncoder(content, path, stated);
}

/** What the configurations beside weights say. */
interface Beside {
  readonly stated: StatedParts;
  readonly encoder: Readonly<Record<string, unknown>>;
  readonly licence: string | undefined;
  readonly publisher: Publisher | undefined;
}

/** The recipe of `preprocessor_config.json` stands above that of a `config.json`, which may be about the network alone. */
async function readBeside(files: Files, folder: string): Promise<Beside> {
  let beside: Beside = { stated: {}, encoder: {}, licence: undefined, publisher: undefined };
  for (const name of configNames) {
    const path = files.join(folder, name);
    if ((await files.stat(path))?.kind !== 'file') continue;
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
