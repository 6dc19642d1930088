import { UserError } from '../../errors.ts';
import type { Files } from '../../platform/platform.ts';
import { readTable, unguard } from '../labels/csv.ts';
import { decodeText } from '../labels/text_encoding.ts';
import { pathNames } from './matrix.ts';

/**
 * The path of the file that lies beside a file of features and names its rows' images: for photos.npy photos.paths.txt,
 * photos.paths.csv, or photos.npy.paths.txt; undefined where there is none.
 */
export async function findPathsFile(files: Files, features: string): Promise<string | undefined> {
  const stem = features.replace(/\.[^./\\]+$/, '');
  for (const path of [`${stem}.paths.txt`, `${stem}.paths.csv`, `${features}.paths.txt`]) {
    if ((await files.stat(path))?.kind === 'file') return path;
  }
  return undefined;
}

/**
 * Reads the paths of the rows of a matrix: one a line, or a CSV with a column `path` among others.
 * @param rows how many there must be
 * @throws UserError where it names more or fewer, or a line is empty
 */
export async function readPathsFile(files: Files, path: string, rows: number): Promise<string[]> {
  if ((await files.stat(path))?.kind !== 'file')
    throw new UserError(`${path} is no file: give a file with the path of each row's image, one a line`);
  const { text } = decodeText(await files.read(path), path);
  const paths = isCsv(text) ? csvColumn(text, path) : linesOf(text);
  const empty = paths.findIndex((line) => line.trim() === '');
  if (paths.length !== rows)
    throw new UserError(
      `${path} names ${paths.length} images, but the features have ${rows} rows: write one path for each row, in the order of the rows`,
    );
  if (empty >= 0)
    throw new UserError(`${path} names no image for row ${empty} (counted from 0): write its path there`);
  return paths;
}

const firstLine = (text: string) => text.split(/\r\n|\n|\r/, 1)[0]!;

const columnOf = (names: readonly string[]) => names.findIndex((name) => pathNames.includes(name.trim()));

const isCsv = (text: string) =>
  columnOf(
    firstLine(text)
      .replace(/"/g, '')
      .split(/[,;\t|]/),
  ) >= 0;

function csvColumn(text: string, file: string): string[] {
  const { names, rows } = readTable(text, file, []);
  const column = columnOf(names);
  return rows.map(({ fields }) => unguard(fields[column]!));
}

function linesOf(text: string): string[] {
  const lines = text.split(/\r\n|\n|\r/);
  while (lines.at(-1)?.trim() === '') lines.pop();
  return lines;
}
