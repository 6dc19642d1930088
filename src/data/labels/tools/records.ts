import { UserError } from '../../../errors.ts';
import { isGivenStatus } from '../status.ts';
import { originOf, placesOf } from './fields.ts';
import { isObject, type JsonObject, objectsOf, own, textOf, textsOf } from './json_values.ts';
import type { ToolEntry, ToolFile } from './tool_file.ts';

/** Keys that hold the class, the likeliest first. */
const classKeys = [
  'label',
  'class',
  'category',
  'label_name',
  'class_name',
  'labels',
  'classes',
  'categories',
];

/** Keys that Hugging Face's readers take for the image's path, beside those of `placesOf`. */
const pathKeys = ['file_name', 'image_path', 'filepath', 'file_path'];

/**
 * Labels of objects with a path and a class each: the JSON lines that kindred exports, Hugging Face's `metadata.jsonl`
 * (https://huggingface.co/docs/datasets/image_dataset), a list of records. Where they have a `status`, only `given` ones
 * count, as in labels.csv.
 * @param folder where the file lies below the images, which its paths may be relative to; empty where it lies elsewhere
 * @throws UserError where no key holds a path or a class
 */
export function readRecords(rows: readonly JsonObject[], file: string, folder: string): ToolFile {
  const names = new Set(rows.flatMap(Object.keys));
  const key = classKeys.find((name) => names.has(name)) ?? (names.has('objects') ? 'objects' : undefined);
  const hasPlace = rows.some((row) => placesIn(row).length > 0);
  if (rows.length > 0 && (key === undefined || !hasPlace)) {
    const missing = hasPlace
      ? `a class (${classKeys.slice(0, 3).join(', ')})`
      : 'a path (path, file_name, image)';
    throw new UserError(
      `${file} has no key that holds ${missing}; its keys are ${[...names].slice(0, 8).join(', ')}: rename the one that does`,
    );
  }
  const entries = rows.map((row, index): ToolEntry => {
    const written = placesIn(row);
    const places = folder === '' ? written : [...written.map((place) => `${folder}/${place}`), ...written];
    const status = textOf(own(row, 'status'));
    if (status !== undefined && !isGivenStatus(status, file, index + 1))
      return { places, classes: [], leftOut: 'predicted' };
    return { places, classes: classesIn(own(row, key!)), origin: originOf(row, file, index + 1) };
  });
  return { tool: 'records of JSON', entries };
}

const placesIn = (row: JsonObject): string[] => [
  ...new Set([...pathKeys.flatMap((name) => textOf(own(row, name)) ?? []), ...placesOf(row)]),
];

/** A class, a list of classes, or the categories of an image's objects. */
function classesIn(value: unknown): string[] {
  const text = textOf(value);
  if (text !== undefined) return [text];
  if (isObject(value))
    return textsOf(own(value, 'categories') ?? own(value, 'category') ?? own(value, 'label'));
  const named = objectsOf(value).flatMap((object) =>
    classKeys.flatMap((key) => textOf(own(object, key)) ?? []),
  );
  return [...textsOf(value), ...named];
}
