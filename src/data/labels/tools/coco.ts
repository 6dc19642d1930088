import { UserError } from '../../../errors.ts';
import { statuses } from '../status.ts';
import { isObject, type JsonObject, objectsOf, own, textOf } from './json_values.ts';
import type { Reason, ToolEntry, ToolFile } from './tool_file.ts';

// https://cocodataset.org/#format-data

/** Whether a JSON value is a file of annotations in COCO's format. */
export const isCoco = (value: unknown): value is JsonObject =>
  isObject(value) && Array.isArray(own(value, 'images')) && Array.isArray(own(value, 'annotations'));

/** Whether a JSON value is a list of COCO's results, which are predictions. */
export function isCocoResults(value: unknown): boolean {
  const [first] = Array.isArray(value) ? value : [];
  return isObject(first) && ['image_id', 'category_id', 'score'].every((key) => Object.hasOwn(first, key));
}

/** Tells that a file holds predictions alone. */
export const cocoResultsRefused = (file: string): UserError =>
  new UserError(
    `${file} holds COCO results, which a program predicted and which name no files: give the file with images, annotations and categories that a person made`,
  );

/**
 * Labels of COCO's format: the one category of all annotations of an image. Annotations whose attribute `status` says that
 * kindred predicted them do not count.
 * @throws UserError for a category or an image that the file does not list
 */
export function readCoco(value: JsonObject, file: string): ToolFile {
  const categories = objectsOf(own(value, 'categories'));
  const nameOf = new Map(categories.map((category) => [idOf(category, 'id'), textOf(own(category, 'name'))]));
  const images = new Map<string, { places: string[]; classes: string[]; leftOut?: Reason }>();
  for (const image of objectsOf(own(value, 'images'))) {
    const places = ['file_name', 'path', 'coco_url', 'flickr_url'].flatMap(
      (key) => textOf(own(image, key)) ?? [],
    );
    images.set(idOf(image, 'id'), { places: places.filter((place) => place !== ''), classes: [] });
  }
  for (const [index, annotation] of objectsOf(own(value, 'annotations')).entries()) {
    const image = images.get(idOf(annotation, 'image_id'));
    const label = nameOf.get(idOf(annotation, 'category_id'));
    if (!image || label === undefined) {
      const what = image ? 'category' : 'image';
      throw new UserError(
        `${file}, annotation ${index + 1}: there is no ${what} with the id ${textOf(own(annotation, `${what}_id`)) ?? 'that it names'}: export the whole file again`,
      );
    }
    if (isPredicted(annotation)) image.leftOut ??= 'predicted';
    else image.classes.push(label);
  }
  const entries = Array.from(images.values(), ({ places, classes, leftOut }): ToolEntry => {
    return { places, classes, ...(leftOut && classes.length === 0 && { leftOut }) };
  });
  return { tool: 'COCO', entries };
}

/** Ids are numbers; some tools write them as text. */
const idOf = (object: JsonObject, key: string): string => textOf(own(object, key)) ?? '';

function isPredicted(annotation: JsonObject): boolean {
  const attributes = own(annotation, 'attributes');
  const status = isObject(attributes) ? textOf(own(attributes, 'status')) : undefined;
  return status !== undefined && status !== 'given' && (statuses as readonly string[]).includes(status);
}
