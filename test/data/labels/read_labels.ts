import { labelsOf } from '../../../src/data/labels/class_numbers.ts';
import { type NamedImages, readGivenRows } from '../../../src/data/labels/given_rows.ts';
import type { Labels } from '../../../src/data/sources/image_stream.ts';

/** For `readGivenRows`. */
export const options = { file: 'mine.csv' };

/** A set of images of these paths, no class known. */
export function sourceOf(paths: readonly string[], rest: Partial<NamedImages> = {}): NamedImages {
  return { name: 'photos', paths, classes: [], unreadable: [], omitted: [], ...rest };
}

/** Some images, one with a comma, one with quotes and one with a line break in its name. */
export const source = sourceOf(['a.png', 'b.png', 'sub/c.png', 'd, e.png', 'say "f".png', 'two\nlines.png']);

/** A labels file as class numbers, with how many of its rows a program had predicted. */
export function readLabels(csv: string, images: NamedImages): Labels & { readonly predictedRows: number } {
  const { rows, predictedRows } = readGivenRows(csv, images, options);
  return { ...labelsOf(rows, images, options.file), predictedRows };
}
