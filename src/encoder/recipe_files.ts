import * as v from 'valibot';
import type { Resize } from '../data/resize/resize.ts';
import { UserError } from '../errors.ts';
import { quote } from '../formats/quote.ts';
import type { EncoderOptions } from '../nn/family_registry.ts';
import { perChannel } from '../ops/augment.ts';
import type { InputRecipe } from './recipe.ts';
import { Fields, isObject, type JsonObject } from './recipe_dialects/fields.ts';
import type { StatedParts } from './recipe_dialects/stated.ts';
import { timmKeys, timmRecipe } from './recipe_dialects/timm.ts';
import { transformersKeys, transformersRecipe } from './recipe_dialects/transformers.ts';
import { recipeSchema } from './recipe_schema.ts';

/** What a configuration beside weights says about them. What it does not say is undefined. */
export interface StatedRecipe extends StatedParts {
  /** Whose way of writing it is. */
  readonly dialect: 'kindred' | 'timm' | 'transformers' | 'unknown';
  /** The parts of the recipe that it does not state, in words. */
  readonly unsaid: readonly string[];
  /** The network's name: `resnet18`. */
  readonly architecture?: string | undefined;
  /** What the weights may be used under: `apache-2.0`. */
  readonly licence?: string | undefined;
  /** Which of the network's tensors is the feature, where more than one could be. */
  readonly feature?: string | undefined;
  /** The architecture's options in our own files, and what transformers' tell of them; not checked. */
  readonly encoder?: JsonObject | undefined;
}

/**
 * Reads the configuration that lies beside weights: our own, timm's `config.json`, or a `preprocessor_config.json` of
 * transformers.
 * @param text of the file
 * @param file its name, for messages
 * @throws UserError where it is no JSON object, or a field that is looked for holds something else
 */
export function readRecipeFile(text: string, file: string): StatedRecipe {
  const config = parseObject(text, file);
  const fields = new Fields(file, config);
  const ours = fields.inside('kindred');
  if (ours) return kindredRecipe(ours, file);
  const timm = fields.inside('pretrained_cfg') ?? fields;
  const about = {
    architecture: fields.text('architecture') ?? fields.text('model_type'),
    licence: timm.text('license'),
    encoder: encoderOf(fields),
  };
  if (transformersKeys.some((key) => fields.has(key))) {
    return stated('transformers', transformersRecipe(fields), about);
  }
  if (timmKeys.some((key) => fields.has(key))) return stated('timm', timmRecipe(fields), about);
  return stated('unknown', {}, about);
}

/** What transformers' configurations say of a network that shapes do not tell. */
function encoderOf(fields: Fields): JsonObject | undefined {
  return /^(?:vit|deit|dinov2)/.test(fields.text('model_type') ?? '') ? vitOf(fields) : strideOf(fields);
}

/**
 * Heads and ε of a vision transformer; its activation is held against the one that is run.
 * https://github.com/huggingface/transformers/blob/main/src/transformers/models/vit/configuration_vit.py
 */
function vitOf(fields: Fields): JsonObject | undefined {
  const activation = fields.text('hidden_act');
  if (activation !== undefined && activation !== 'gelu')
    fields.refuse('hidden_act', 'gelu, which kindred runs');
  const heads = fields.number('num_attention_heads', { least: 1, most: 1024, whole: true });
  const epsilon = fields.number('layer_norm_eps', { least: 1e-30, most: 0.1 });
  return { ...(heads !== undefined && { heads }), ...(epsilon !== undefined && { epsilon }) };
}

/**
 * Where the bottlenecks of a ResNet of transformers have their stride: `ResNetConfig` writes it unless it is the default.
 * https://github.com/huggingface/transformers/blob/main/src/transformers/models/resnet/configuration_resnet.py
 */
function strideOf(fields: Fields): JsonObject | undefined {
  const onFirst = fields.flag('downsample_in_bottleneck');
  return onFirst === undefined ? undefined : { stride: onFirst ? 'v1' : 'v1.5' };
}

/** What is written beside the weights of a folder of the hub's layout. */
export interface HubNotes {
  /** The architecture. */
  readonly encoder: EncoderOptions;
  /** How images become its input. */
  readonly recipe: InputRecipe;
  /** Which tensor is the feature. */
  readonly feature: string;
  /** What the weights may be used under, as SPDX writes it. */
  readonly licence: string;
  /** Numbers that images of more than 8 bits were shown black and white by; absent where there were none. */
  readonly sampleRange?: readonly [low: number, high: number] | undefined;
}

/** The version of the `kindred` object in a configuration. */
const version = 1;

/** Our own configuration of a folder of the hub's layout, as text; `readRecipeFile` reads it. */
export function hubConfig({ encoder, recipe, feature, licence, sampleRange }: HubNotes): string {
  const { imageSize, resize, normalise, mirror } = recipe;
  const { mean, std } = normalise;
  const whole = {
    imageSize,
    ...(resize && { resize }),
    normalise: { mean: perChannel(mean), std: perChannel(std) },
    ...(mirror && { mirror }),
  };
  const kindred = { version, encoder, recipe: whole, feature, licence, ...(sampleRange && { sampleRange }) };
  return `${JSON.stringify({ kindred }, null, 2)}\n`;
}

/**
 * A recipe with the parts that a file states. Where that changes the side alone, the square stays the same share of what
 * it is cut from.
 */
export function withStated(recipe: InputRecipe, stated: StatedParts): InputRecipe {
  const { imageSize = recipe.imageSize, normalise = recipe.normalise } = stated;
  const filter = stated.filter ?? recipe.resize?.filter;
  const share = (recipe.resize?.shorterSide ?? recipe.imageSize) / recipe.imageSize;
  const shorterSide = stated.shorterSide ?? Math.round(imageSize * share);
  const squash = stated.squash ?? (stated.shorterSide === undefined && recipe.resize?.squash);
  const resize: Resize | undefined = filter && { filter, shorterSide, ...(squash && { squash }) };
  const mirror = stated.mirror ?? recipe.mirror;
  return { imageSize, ...(resize && { resize }), normalise, ...(mirror && { mirror }) };
}

function parseObject(text: string, file: string): JsonObject {
  let parsed: unknown;
  try {
    // Files that Windows wrote may begin with a byte order mark.
    parsed = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    // The message quotes the text, line breaks included.
    const reason = quote((error as Error).message.replace(/\s+/g, ' '));
    throw new UserError(`${file} is no JSON (${reason}): fetch it again, or remove it`);
  }
  if (isObject(parsed)) return parsed;
  throw new UserError(`${file} holds no JSON object: fetch it again, or remove it`);
}

const parts: readonly (readonly [keyof StatedParts, string])[] = [
  ['imageSize', 'the side of the images'],
  ['filter', "the resize's filter"],
  ['shorterSide', 'the side that the square is cut from'],
  ['normalise', "the pixels' mean and std"],
];

function stated(
  dialect: StatedRecipe['dialect'],
  found: StatedParts,
  about: Pick<StatedRecipe, 'architecture' | 'licence' | 'encoder'>,
): StatedRecipe {
  const unsaid = parts.filter(([key]) => found[key] === undefined).map(([, words]) => words);
  return { dialect, ...found, unsaid, ...about };
}

function kindredRecipe(fields: Fields, file: string): StatedRecipe {
  if (fields.number('version', { least: 1, most: 1e6, whole: true }) !== version) {
    return fields.refuse('version', `${version}, the one that this kindred reads`);
  }
  const { success, output, issues } = v.safeParse(recipeSchema, fields.value('recipe'));
  if (!success) {
    const place = ['kindred.recipe', v.getDotPath(issues[0])].filter(Boolean).join('.');
    throw new UserError(`${file}: ${quote(place)} is missing or wrong: export the folder again`);
  }
  const { imageSize, resize, normalise, mirror } = output;
  return {
    dialect: 'kindred',
    imageSize,
    filter: resize?.filter,
    shorterSide: resize?.shorterSide,
    squash: resize?.squash,
    normalise,
    mirror,
    unsaid: [],
    feature: fields.text('feature'),
    licence: fields.text('licence'),
    encoder: fields.inside('encoder')?.object,
  };
}
