import { type Sentence, sentence, UserError } from '../../errors.ts';
import { Random, streams } from '../../random.ts';
import type { ImageSource, Labels } from '../sources/image_source.ts';
import { readTable, unguard } from './csv.ts';

/** A label by the path of its image. */
export interface PathLabel {
  readonly path: string;
  readonly label: string;
}

/** What a labels file says. */
export interface GivenRows {
  /** One a path, in the order of the file. */
  readonly rows: readonly PathLabel[];
  /** Rows left out since their `status` says that a program predicted them. */
  readonly predictedRows: number;
  /** Rows left out since their label is not filled in yet, as in a run's next.csv. */
  readonly emptyRows: number;
}

/** Labels read from a file. */
export interface FileLabels extends Labels {
  /** Rows about images that were skipped as unreadable or left out by a limit. */
  readonly skippedRows: number;
  /** See `GivenRows`. */
  readonly predictedRows: number;
}

/** What labels need to know of the images. */
export type NamedImages = Pick<ImageSource, 'name' | 'paths' | 'classes' | 'omitted' | 'unreadable'>;

/**
 * Reads `--labels FILE`: the rows of `readGivenRows` as class numbers. Images without a row have no label. Classes are
 * the source's own where they contain every label of the file, else the file's, sorted.
 * @throws UserError as `readGivenRows` and `labelsOf`
 */
export function readLabels(csvText: string, source: NamedImages, options: { file: string }): FileLabels {
  const { rows, predictedRows } = readGivenRows(csvText, source, options);
  return { ...labelsOf(rows, source, options.file), predictedRows };
}

/**
 * Reads the labels that a person gave: a CSV whose header names the columns `path` and `label` (others are ignored),
 * with `path` as in `source.paths` (a leading `./` is dropped).
 *
 * Where the header also names `status`, the file is a run's labels.csv, perhaps corrected: only rows of the status
 * `given` count, which whoever confirms or corrects a predicted row sets it to. The apostrophe that guards text from
 * spreadsheets (see `guard`) is taken off, except of a path that is known only with it.
 * @param options.file the file's name for error messages; rows are counted as a spreadsheet does, the header is row 1
 * @param options.advice what to do about an unknown path, where the file itself is right
 * @throws UserError for a broken CSV, no header, a wrong number of fields, a status that there is not; and among rows
 * that count, an unknown path, two labels for one path
 */
export function readGivenRows(
  csvText: string,
  source: NamedImages,
  { file, advice }: { file: string; advice?: Sentence },
): GivenRows {
  const { names, rows } = readTable(csvText, file, ['path', 'label']);
  const statusColumn = names.indexOf('status');
  const [pathColumn, labelColumn] = [names.indexOf('path'), names.indexOf('label')];
  const known = new Set([...source.paths, ...source.omitted, ...source.unreadable.map(({ path }) => path)]);
  const given = new Map<string, { label: string; row: number }>();
  let [predictedRows, emptyRows] = [0, 0];
  for (const { row, fields } of rows) {
    if (statusColumn >= 0 && !isGivenStatus(fields[statusColumn]!, file, row)) {
      predictedRows++;
      continue;
    }
    const written = fields[pathColumn]!;
    const path = knownPath(written, known);
    if (path === undefined) throw unknownPath(file, row, written, source, advice);
    const label = unguard(fields[labelColumn]!).trim();
    if (label === '') {
      emptyRows++;
      continue;
    }
    const earlier = given.get(path);
    if (earlier && earlier.label !== label) {
      throw new UserError(
        `${file}, row ${row}: ${path} is labelled '${label}', but '${earlier.label}' in row ${earlier.row}: keep one of the two`,
      );
    }
    if (!earlier) given.set(path, { label, row });
  }
  return { rows: Array.from(given, ([path, { label }]) => ({ path, label })), predictedRows, emptyRows };
}

/** The path that a CSV cell means: without the guard against spreadsheets, as it stands, or without a leading `./`. */
export function knownPath(cell: string, known: { has(path: string): boolean }): string | undefined {
  return [unguard(cell), cell, cell.replace(/^\.\//, '')].find((path) => known.has(path));
}

/**
 * Adds later labels to earlier ones: none is lost, and where they differ the later one holds.
 * @returns the rows, the earlier ones first; how many of these the later ones changed, and how many are new
 */
export function mergeLabels(
  earlier: readonly PathLabel[],
  later: readonly PathLabel[],
): { rows: PathLabel[]; changed: number; added: number } {
  const merged = new Map(earlier.map(({ path, label }) => [path, label]));
  let [changed, added] = [0, 0];
  for (const { path, label } of later) {
    const before = merged.get(path);
    if (before === undefined) added++;
    else if (before !== label) changed++;
    merged.set(path, label);
  }
  return { rows: Array.from(merged, ([path, label]) => ({ path, label })), changed, added };
}

/**
 * Given rows as class numbers of the images; see `readLabels`.
 * @param where what the rows were read from, for the error message
 * @throws UserError for fewer than two classes
 */
export function labelsOf(
  rows: readonly PathLabel[],
  source: NamedImages,
  where: string,
): Labels & { readonly skippedRows: number } {
  const imageOf = new Map(source.paths.map((path, image) => [path, image]));
  const used = rows.filter(({ path }) => imageOf.has(path));
  const skippedRows = rows.length - used.length;
  const found = [...new Set(used.map(({ label }) => label))].sort();
  requireTwoClasses(found, where, skippedRows > 0 ? ` (${skippedRows} rows are about skipped images)` : '');
  const classes = found.every((name) => source.classes.includes(name)) ? source.classes : found;
  const labels = new Int32Array(source.paths.length).fill(-1);
  const numberOf = new Map(classes.map((name, number) => [name, number]));
  for (const { path, label } of used) labels[imageOf.get(path)!] = numberOf.get(label)!;
  return { classes, labels, skippedRows };
}

const UNLABELLED = new Set(['unlabelled', 'unlabeled']);

/**
 * `--labels folders`: the name of the first sub-folder on an image's path is its label. Images at the top, and those
 * with a folder named `unlabelled` or `unlabeled` on their path, have none.
 * @throws UserError where fewer than two sub-folders hold images
 */
export function folderLabels(source: Pick<ImageSource, 'name' | 'paths'>): Labels {
  const names = source.paths.map((path) => {
    const folders = path.split('/').slice(0, -1);
    return folders.some((name) => UNLABELLED.has(name)) ? undefined : folders[0];
  });
  const classes = [...new Set(names.filter((name) => name !== undefined))].sort();
  requireTwoClasses(classes, `--labels folders in ${source.name}`, '');
  const numberOf = new Map(classes.map((name, number) => [name, number]));
  return {
    classes,
    labels: Int32Array.from(names, (name) => (name === undefined ? -1 : numberOf.get(name)!)),
  };
}

/**
 * `--labels-per-class N --seed S`: keeps N labels of each class, chosen at random, and hides the others (−1), so that
 * predictions for these can be scored against the truth. Labels of `test` images are all hidden. With the same
 * seed, a smaller N keeps a subset of a larger one's.
 * @throws UserError where N is not a positive whole number or a class has fewer
 */
export function hideLabels(truth: Labels, perClass: number, seed: number): Labels {
  if (!Number.isInteger(perClass) || perClass < 1) {
    throw new UserError(`--labels-per-class ${perClass}: give a whole number of at least 1`);
  }
  const members = membersByClass(truth);
  const labels = new Int32Array(truth.labels.length).fill(-1);
  members.forEach((images, number) => {
    if (images.length < perClass) {
      throw new UserError(
        `class '${truth.classes[number]}' has ${images.length} labelled training images, fewer than --labels-per-class ${perClass}: lower it, or raise --limit if you gave one`,
      );
    }
    // A stream for each class: the choice within one does not depend on the size of the others.
    const chosen = new Random(seed, streams.labels + number).shuffle(images).slice(0, perClass);
    for (const image of chosen) labels[image] = number;
  });
  return { ...truth, labels };
}

function membersByClass({ classes, labels, partition }: Labels): number[][] {
  const members: number[][] = classes.map(() => []);
  labels.forEach((label, image) => {
    if (label >= 0 && partition?.[image] !== 'test') members[label]!.push(image);
  });
  return members;
}

/** How an image of a run came by its label. */
export const statuses = ['given', 'auto', 'review', 'outlier', 'duplicate'] as const;

/** Whether a `status` cell says that a person gave the label. @throws UserError for what is no status */
export function isGivenStatus(cell: string, file: string, row: number): boolean {
  const status = cell.trim().toLowerCase();
  if ((statuses as readonly string[]).includes(status)) return status === 'given';
  throw new UserError(
    `${file}, row ${row}: the status is '${cell}', but must be one of ${statuses.join(', ')}: write given for a label of your own`,
  );
}

function unknownPath(
  file: string,
  row: number,
  path: string,
  source: NamedImages,
  known?: Sentence,
): UserError {
  const ending = path.replaceAll('\\', '/');
  const alike = source.paths.find(
    (own) => own.endsWith(`/${ending}`) || ending.endsWith(`/${own}`) || own === ending,
  );
  const advice = known ?? (alike ? `did you mean ${alike}?` : `paths look like ${source.paths[0]}`);
  return new UserError(sentence`${file}, row ${row}: there is no image ${path} in ${source.name}: ${advice}`);
}

function requireTwoClasses(found: readonly string[], where: string, note: string): void {
  if (found.length >= 2) return;
  const what = found.length === 0 ? 'no image has a label' : `every label is '${found[0]}'`;
  throw new UserError(`${where}: ${what}${note}: label images of at least two classes`);
}
