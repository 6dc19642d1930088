import { UserError } from '../../../errors.ts';

/** An object of a JSON file. */
export type JsonObject = { readonly [key: string]: unknown };

/** Whether a value of a JSON file is an object, and no list. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The objects of a list; none where the value is no list. */
export const objectsOf = (value: unknown): JsonObject[] =>
  Array.isArray(value) ? value.filter(isObject) : [];

/** A value of an object's own; undefined for what objects inherit. */
export const own = (object: JsonObject, key: string): unknown =>
  Object.hasOwn(object, key) ? object[key] : undefined;

/** A name or a number as text; undefined for anything else. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** The texts and numbers of a list, as text; none where the value is no list. */
export const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.map(textOf).filter((text) => text !== undefined) : [];

/** The value of a text that is JSON; undefined where it is none. */
export function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * The objects of a file of JSON lines: one a line, blank lines between them.
 * @throws UserError for a line that is no object, with its number
 */
export function jsonLinesOf(text: string, file: string): JsonObject[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const value = tryJson(line);
    if (isObject(value)) return [value];
    throw new UserError(
      `${file}, line ${index + 1} is no JSON object: each line must be one, or the whole file one JSON value`,
    );
  });
}
