import { named, type Sentence, sentence, UserError } from '../../errors.ts';
import type { ImageStream, Labels } from '../sources/image_stream.ts';
import type { NamedImages, PathLabel } from './given_rows.ts';
import { noneOfThese, noneOfTheseText, readLabel } from './none_of_these.ts';

/**
 * Given rows as class numbers of the images; those without a row have none. Classes are the set's own where they contain
 * every label of the rows, else those of the rows, sorted; `none of these` is none of them. Rows about images that were skipped or left out do not count.
 * @param where what the rows were read from, for the error message
 * @throws UserError for fewer than two classes
 */
export function labelsOf(rows: readonly PathLabel[], images: NamedImages, where: string): Labels {
  const imageOf = new Map(images.paths.map((path, image) => [path, image]));
  const used = rows.filter(({ path }) => imageOf.has(path));
  const skipped = rows.length - used.length;
  const found = classesOf(used.map(({ label }) => label));
  requireTwoClasses(found, where, skipped > 0 ? ` (${skipped} rows are about skipped images)` : '');
  const classes = found.every((name) => images.classes.includes(name)) ? images.classes : found;
  const labels = new Int32Array(images.paths.length).fill(-1);
  const numberOf = numbersOf(classes);
  for (const { path, label } of used) labels[imageOf.get(path)!] = numberOf.get(label)!;
  return { classes, labels };
}

/** Folders of images without a label. */
const withoutLabel = new Set(['unlabelled', 'unlabeled']);

/**
 * Labels by folder: the name of the first sub-folder on an image's path is its label. Images at the top, and those with a
 * folder named `unlabelled` or `unlabeled` on their path, have none; those of a folder `none of these` belong to no class.
 * @throws UserError where fewer than two sub-folders hold images
 */
export function folderLabels(source: Pick<ImageStream, 'name' | 'paths'>): Labels {
  const names = source.paths.map((path) => {
    const folders = path.split('/').slice(0, -1);
    if (folders.length === 0 || folders.some((name) => withoutLabel.has(name))) return undefined;
    return readLabel(folders[0]!) === noneOfTheseText ? noneOfTheseText : folders[0]!;
  });
  const classes = classesOf(names);
  requireTwoClasses(classes, sentence`${named('labels', 'folders')} in ${source.name}`, '');
  const numberOf = numbersOf(classes);
  return {
    classes,
    labels: Int32Array.from(names, (name) => (name === undefined ? -1 : numberOf.get(name)!)),
  };
}

/** Names of classes among labels, sorted. */
function classesOf(labels: readonly (string | undefined)[]): string[] {
  const named = labels.filter((label) => label !== undefined && label !== noneOfTheseText) as string[];
  return [...new Set(named)].sort();
}

/** The number of each label. */
const numbersOf = (classes: readonly string[]) =>
  new Map([[noneOfTheseText, noneOfThese], ...classes.map((name, number) => [name, number] as const)]);

function requireTwoClasses(found: readonly string[], where: string | Sentence, note: string): void {
  if (found.length >= 2) return;
  const what = found.length === 0 ? 'no image has a label' : `every label is '${found[0]}'`;
  throw new UserError(sentence`${where}: ${what}${note}: label images of at least two classes`, {
    setting: 'labels',
  });
}
