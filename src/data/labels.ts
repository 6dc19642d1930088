// The build for pages is the one without Node's Buffer; it runs in both homes.
import { type CsvError, parse } from 'csv-parse/browser/esm/sync';
import { UserError } from '../errors.ts';
import { Random, streams } from '../random.ts';
import type { ImageSource, Labels } from './image_source.ts';

/** Labels read from a file. */
export interface FileLabels extends Labels {
  /** Rows about images that were skipped as unreadable or left out by a limit. */
  readonly skippedRows: number;
}

/**
 * Reads `--labels FILE`: a CSV whose header names the columns `path` and `label` (others are ignored), with
 * `path` as in `source.paths` (a leading `./` is dropped). Images without a row have no label. Classes are the
 * source's own where they contain every label of the file, else the file's, sorted.
 * @param options.file the file's name for error messages; rows are counted as a spreadsheet does, the header is row 1
 * @throws UserError for a broken CSV, no header, a wrong number of fields, an unknown path, an empty label, two
 * labels for one path, fewer than two classes
 */
export function readLabels(csvText: string, source: ImageSource, { file }: { file: string }): FileLabels {
  const [header, ...rows] = parseCsv(csvText, file);
  const names = (header ?? []).map((name) => name.trim());
  const pathColumn = names.indexOf('path');
  const labelColumn = names.indexOf('label');
  if (pathColumn < 0 || labelColumn < 0) {
    throw new UserError(
      `${file}, row 1: the header must be path,label, but is ${names.join(',') || 'empty'}: add it as the first line`,
    );
  }
  const imageOf = new Map(source.paths.map((path, image) => [path, image]));
  const left = new Set([...source.omitted, ...source.unreadable.map(({ path }) => path)]);
  const given = new Map<string, { label: string; row: number }>();
  let skippedRows = 0;
  rows.forEach((fields, index) => {
    const row = index + 2;
    if (fields.length === 1 && fields[0] === '') return;
    if (fields.length !== names.length) {
      throw new UserError(
        `${file}, row ${row}: ${fields.length} fields, but the header has ${names.length}: put names that hold a comma in double quotes`,
      );
    }
    const written = fields[pathColumn]!;
    const path = imageOf.has(written) || left.has(written) ? written : written.replace(/^\.\//, '');
    const label = fields[labelColumn]!.trim();
    if (!imageOf.has(path) && !left.has(path)) throw unknownPath(file, row, path, source);
    if (label === '')
      throw new UserError(`${file}, row ${row}: ${path} has an empty label: fill it in or delete the row`);
    const earlier = given.get(path);
    if (earlier && earlier.label !== label) {
      throw new UserError(
        `${file}, row ${row}: ${path} is labelled '${label}', but '${earlier.label}' in row ${earlier.row}: keep one of the two`,
      );
    }
    given.set(path, { label, row });
    if (left.has(path)) skippedRows++;
  });
  const used = [...given].filter(([path]) => imageOf.has(path));
  const found = [...new Set(used.map(([, { label }]) => label))].sort();
  requireTwoClasses(found, file, skippedRows > 0 ? ` (${skippedRows} rows are about skipped images)` : '');
  const classes = found.every((name) => source.classes.includes(name)) ? source.classes : found;
  const labels = new Int32Array(source.paths.length).fill(-1);
  const numberOf = new Map(classes.map((name, number) => [name, number]));
  for (const [path, { label }] of used) labels[imageOf.get(path)!] = numberOf.get(label)!;
  return { classes, labels, skippedRows };
}

const UNLABELLED = new Set(['unlabelled', 'unlabeled']);

/**
 * `--labels folders`: the name of the first sub-folder on an image's path is its label. Images at the top, and those
 * with a folder named `unlabelled` or `unlabeled` on their path, have none.
 * @throws UserError where fewer than two sub-folders hold images
 */
export function folderLabels(source: ImageSource): Labels {
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

function parseCsv(text: string, file: string): string[][] {
  try {
    return parse(text, { bom: true, relax_column_count: true });
  } catch (error) {
    const { message, code } = error as CsvError;
    if (!/^(CSV_|INVALID_)/.test(code ?? '')) throw error;
    throw new UserError(
      `${file} is not valid CSV: ${message}: close the quotes, and double those inside a name`,
    );
  }
}

function unknownPath(file: string, row: number, path: string, source: ImageSource): UserError {
  const ending = path.replaceAll('\\', '/');
  const alike = source.paths.find(
    (own) => own.endsWith(`/${ending}`) || ending.endsWith(`/${own}`) || own === ending,
  );
  const advice = alike ? `did you mean ${alike}?` : `paths look like ${source.paths[0]}`;
  return new UserError(`${file}, row ${row}: there is no image ${path} in ${source.name}: ${advice}`);
}

function requireTwoClasses(found: readonly string[], where: string, note: string): void {
  if (found.length >= 2) return;
  const what = found.length === 0 ? 'no image has a label' : `every label is '${found[0]}'`;
  throw new UserError(`${where}: ${what}${note}: label images of at least two classes`);
}
