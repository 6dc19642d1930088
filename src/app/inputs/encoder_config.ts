import * as v from 'valibot';
import { mostResizedSide, resizeFilters } from '../../data/resize/resize.ts';
import type { StatedParts } from '../../encoder/recipe_dialects/stated.ts';
import { readRecipeFile } from '../../encoder/recipe_files.ts';
import { mostImageSide } from '../../encoder/recipe_schema.ts';
import { named, sentence, UserError } from '../../errors.ts';
import type { Files } from '../../platform/platform.ts';

/** What a user says of an encoder that its weights do not tell. */
export interface EncoderStatement {
  /** How images reach it. */
  readonly recipe: StatedParts;
  /** Options of its architecture that shapes do not tell. */
  readonly encoder: Readonly<Record<string, unknown>>;
}

const wholeNumber = (most: number) => {
  const message = `must be a whole number from 1 to ${most}`;
  return v.pipe(v.number(message), v.integer(message), v.minValue(1, message), v.maxValue(most, message));
};
const channels = (least: number) => {
  const message = `must be three numbers of at least ${least}, for red, green and blue`;
  const channel = v.pipe(v.number(message), v.finite(message), v.minValue(least, message));
  return v.tuple([channel, channel, channel], message);
};

const recipeFields = {
  imageSize: v.exactOptional(wholeNumber(mostImageSide)),
  shorterSide: v.exactOptional(wholeNumber(mostResizedSide)),
  filter: v.exactOptional(v.picklist(resizeFilters, `must be ${resizeFilters.join(' or ')}`)),
  squash: v.exactOptional(v.boolean('must be true or false')),
  mean: v.exactOptional(channels(-1e6)),
  std: v.exactOptional(channels(1e-6)),
  mirror: v.exactOptional(v.boolean('must be true or false')),
};
const encoderFields = {
  stride: v.exactOptional(v.picklist(['v1', 'v1.5'], 'must be v1 or v1.5')),
  stemPadding: v.exactOptional(v.picklist([1, 2], 'must be 1 or 2')),
  heads: v.exactOptional(wholeNumber(1024)),
  pooling: v.exactOptional(v.picklist(['class', 'mean', 'both'], 'must be class, mean or both')),
  epsilon: v.exactOptional(
    v.pipe(v.number('must be a number'), v.gtValue(0, 'must be above 0'), v.ltValue(1, 'must be below 1')),
  ),
};
const known = [...Object.keys(recipeFields), ...Object.keys(encoderFields)];
const statement = v.strictObject({ ...recipeFields, ...encoderFields }, ({ expected }) =>
  expected === 'never' ? `is no field: there are ${known.join(', ')}` : 'must be an object',
);

/**
 * What a user says of an encoder: an object with the fields above, as JSON text that starts with `{` or in a file; or a
 * file as timm and transformers write it beside weights.
 * @param setting by which the user says it
 * @throws UserError naming the field that is wrong and what it takes
 */
export async function readEncoderConfig(
  files: Files,
  given: string,
  setting: string,
): Promise<EncoderStatement> {
  const isText = given.trim().startsWith('{');
  if (!isText && (await files.stat(given))?.kind !== 'file') {
    throw new UserError(sentence`${named(setting, given)} is no file: give one, or a JSON object`);
  }
  const text = isText ? given : new TextDecoder().decode(await files.read(given));
  const where = sentence`${named(setting)}`;
  const value = parse(text, where);
  if (!isText && !Object.keys(value).some((key) => known.includes(key))) return foreign(text, given);
  const parsed = v.safeParse(statement, value, { abortEarly: true });
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new UserError(sentence`${where}: ${v.getDotPath(issue) ?? 'it'} ${issue.message}`);
  }
  const { stride, stemPadding, heads, pooling, epsilon, mean, std, ...recipe } = parsed.output;
  if ((mean === undefined) !== (std === undefined))
    throw new UserError(sentence`${where}: mean and std belong together: give both`);
  return {
    recipe: { ...recipe, ...(mean && std && { normalise: { mean, std } }) },
    encoder: { stride, stemPadding, heads, pooling, epsilon },
  };
}

function foreign(text: string, file: string): EncoderStatement {
  const read = readRecipeFile(text, file);
  const { imageSize, filter, shorterSide, squash, normalise, mirror, encoder = {} } = read;
  return { recipe: { imageSize, filter, shorterSide, squash, normalise, mirror }, encoder };
}

function parse(text: string, where: ReturnType<typeof sentence>): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Said below, as of JSON that is no object.
  }
  throw new UserError(sentence`${where} is no JSON object: correct it`);
}
