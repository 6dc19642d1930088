import { named, type Sentence, sentence, UserError } from '../../errors.ts';
import type { ImageStream, Labels } from '../sources/image_stream.ts';
import type { NamedImages, PathLabel } from './given_rows.ts';
import { lostLabels } from './lost_labels.ts';
import { noneOfThese, noneOfTheseText, readLabel } from './none_of_these.ts';
import { folderParts } from './split_folders.ts';

/**
 * Given rows as class numbers of the images; those without a row have none. Classes are the set's own where they contain
 * every label of the rows, else those of the rows, sorted; `none of these` is none of them. Rows about images that were skipped or left out do not count.
 * @param where what the rows were read from, for the error message
 * @throws UserError for fewer than two classes
 */
export function labelsOf(rows: readonly PathLabel[], images: NamedImages, where: string): Labels {
  // Of very many images few have rows.
  const wanted = new Set(rows.map(({ path }) => path));
  const imageOf = new Map<string, number>();
  images.paths.forEach((path, image) => void (wanted.has(path) && imageOf.set(path, image)));
  const used = rows.filter(({ path }) => imageOf.has(path));
  const found = classesOf(used.map(({ label }) => label));
  if (found.length < 2) {
    const { count, why } = lostLabels(rows, images);
    throw tooFewClasses(found, where, why && sentence` (${count} labels do not count: ${why})`);
  }
  const classes = found.every((name) => images.classes.includes(name)) ? images.classes : found;
  const labels = new Int32Array(images.paths.length).fill(-1);
  const numberOf = numbersOf(classes);
  for (const { path, label } of used) labels[imageOf.get(path)!] = numberOf.get(label)!;
  return { classes, labels };
}

/**
 * Labels by folder: the name of the first sub-folder on an image's path is its label or, where these are parts of a set such
 * as `train` and `test`, that of the one below (see `folderParts`). Images that lie in none, and those with a folder named
 * `unlabelled` or `unlabeled` on their path, have none; those of a folder `none of these` belong to no class.
 * @throws UserError where fewer than two sub-folders hold images
 */
export function folderLabels(source: Pick<ImageStream, 'name' | 'paths'>): Labels {
  const { parts, classOf } = folderParts(source.paths);
  const names = source.paths.map((path) => {
    const folder = classOf(path);
    return readLabel(folder ?? '') || undefined;
  });
  const classes = classesOf(names);
  if (classes.length < 2) {
    const where = sentence`${named('labels', 'folders')} in ${source.name}`;
    throw tooFewClasses(classes, where, folderAdvice(source.paths, parts, classes));
  }
  const numberOf = numbersOf(classes);
  return {
    classes,
    labels: Int32Array.from(names, (name) => (name === undefined ? -1 : numberOf.get(name)!)),
  };
}

/** What is special about folders that hold fewer than two classes, in brackets; undefined where nothing is. */
function folderAdvice(
  paths: readonly string[],
  parts: readonly string[],
  classes: readonly string[],
): Sentence | undefined {
  if (parts.length > 0)
    return sentence` (${parts.join(', ')} count as parts of a set, and classes are the folders below)`;
  const [only] = classes;
  const below = new Set(
    paths.map((path) => path.split('/')).flatMap((way) => (way.length > 2 ? [way[1]!] : [])),
  );
  if (only === undefined || below.size < 2) return undefined;
  const [first, second] = below as unknown as Iterable<string>;
  return sentence` (give its folder as ${named('data')} where ${first!} and ${second!} below it are classes)`;
}

/** Names of classes among labels, sorted. */
function classesOf(labels: readonly (string | undefined)[]): string[] {
  const named = labels.filter((label) => label !== undefined && label !== noneOfTheseText) as string[];
  return [...new Set(named)].sort();
}

/** The number of each label. */
const numbersOf = (classes: readonly string[]) =>
  new Map([[noneOfTheseText, noneOfThese], ...classes.map((name, number) => [name, number] as const)]);

function tooFewClasses(
  found: readonly string[],
  where: string | Sentence,
  note: Sentence = sentence``,
): UserError {
  const what = found.length === 0 ? 'no image has a label' : `every label is '${found[0]}'`;
  return new UserError(sentence`${where}: ${what}${note}: label images of at least two classes`, {
    setting: 'labels',
  });
}
