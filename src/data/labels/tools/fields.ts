import { readOrigin } from '../origin.ts';
import { type JsonObject, own, textOf } from './json_values.ts';
import type { ToolEntry } from './tool_file.ts';

/** Fields that hold the place of an image, the likeliest first. `path` is what kindred's own tasks have. */
export const imageFields = [
  'path',
  'image',
  'img',
  'picture',
  'photo',
  'url',
  'image_url',
  'file_name',
  'filename',
  'file',
];

/** Fields that are of no image of the task, although they look so. */
export const otherImages = new Set(['nearest_labelled']);

export const looksLikeImage = /\.(jpe?g|jpe|jfif|png|webp|tiff?|bmp|gif|avif|heic|heif|dcm)([?#&].*)?$/i;

/** The places that fields name, `path` first; without a field of a usual name, those that look like an image's. */
export function placesOf(fields: JsonObject): string[] {
  const usual = imageFields
    .flatMap((name) => textOf(own(fields, name)) ?? [])
    .filter((place) => place !== '');
  if (usual.length > 0) return usual;
  return Object.entries(fields)
    .filter(
      ([name, value]) => !otherImages.has(name) && typeof value === 'string' && looksLikeImage.test(value),
    )
    .map(([, value]) => value as string);
}

/** How the image came to be labelled, where the fields say it as kindred's own files do. */
export function originOf(fields: JsonObject, file: string, number: number): ToolEntry['origin'] {
  const cell = (name: string) => textOf(own(fields, name)) ?? '';
  const origin = cell('origin');
  return origin === '' ? undefined : readOrigin(origin, cell('probability'), file, number);
}
