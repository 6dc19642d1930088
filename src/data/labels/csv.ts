import { UserError } from '../../errors.ts';
import { nameColumns, rowsToTell } from './column_names.ts';
import { endsLikeImage, parseRecords } from './table_dialect.ts';

/** A table whose columns are known by their names. */
export interface CsvTable {
  /** Column names, trimmed; those that were asked for under the names under which they were. */
  readonly names: readonly string[];
  /** Rows with as many fields as there are names; `row` counts as a spreadsheet does, the header is row 1. */
  readonly rows: readonly { readonly row: number; readonly fields: readonly string[] }[];
  /** How the file differs from one with commas and the names that were asked for, in words. */
  readonly notes: readonly string[];
}

/**
 * Reads a table as spreadsheets, data frames and people write it: RFC 4180, also with a byte order mark, blank rows, line
 * ends of several kinds, other delimiters (see `parseRecords`), columns under other names (see `nameColumns`) and empty
 * cells at the ends of rows. Without a header, a row holds an image's path and one thing that is said of it.
 * @param required columns that must be there, in any order and among others
 * @param isPath whether a cell is the path of a known image; absent where no images are known
 * @throws UserError for broken quotes, a missing column, a row with another number of fields than the header
 */
export function readTable(
  text: string,
  file: string,
  required: readonly string[],
  isPath?: (cell: string) => boolean,
): CsvTable {
  const { records, hasHeader, notes } = parseRecords(text.replace(/^\uFEFF/, ''), file, required, isPath);
  const first = records[0]!.fields;
  const below = records.slice(hasHeader ? 1 : 0);
  const sample = below.slice(0, rowsToTell).map(({ fields }) => fields);
  if (!hasHeader) requireTwoFields(file, first, required);
  // Rows that R writes have one field more than their header, the row's name.
  const named = sample.length > 0 && sample.every((fields) => isNamedRow(fields, first));
  const header = hasHeader ? [...(named ? [''] : []), ...first] : namesWithout(sample, required, isPath);
  const columns = nameColumns({ file, header, rows: sample, isPath }, required);
  const rows = below.map(({ row, fields }) => ({ row, fields: fitted(fields, header, file, row) }));
  return { names: columns.names, rows, notes: [...notes, ...columns.notes] };
}

/** @throws UserError where nothing tells what the fields of a table without a header are */
function requireTwoFields(file: string, fields: readonly string[], required: readonly string[]): void {
  if (fields.length === required.length && fields.length === 2) return;
  throw new UserError(
    `${file} has no header, and ${fields.length} ${fields.length === 1 ? 'field' : 'fields'} in row 1: write one as the first line that names the columns ${required.join(',')}`,
  );
}

/** The names of the two columns of a table without a header: one of them holds the images. */
function namesWithout(
  rows: readonly (readonly string[])[],
  [path, other]: readonly string[],
  isPath: ((cell: string) => boolean) | undefined,
): string[] {
  const [first, second] = [0, 1].map((at) => {
    const cells = rows.map((fields) => fields[at] ?? '');
    return cells.filter((cell) => isPath?.(cell) || endsLikeImage(cell)).length;
  }) as [number, number];
  return second > first ? [other!, path!] : [path!, other!];
}

const isNamedRow = (fields: readonly string[], header: readonly string[]): boolean =>
  header.length > 1 && fields.length === header.length + 1 && fields.at(-1)!.trim() !== '';

/** A row with as many fields as the header; only empty ones are cut off, or added under columns without a name. */
function fitted(
  fields: readonly string[],
  header: readonly string[],
  file: string,
  row: number,
): readonly string[] {
  if (fields.length === header.length) return fields;
  const [cut, lacking] = [fields.slice(header.length), header.slice(fields.length)];
  if ([...cut, ...lacking].every((cell) => cell.trim() === ''))
    return cut.length > 0 ? fields.slice(0, header.length) : [...fields, ...lacking.map(() => '')];
  const advice =
    cut.length > 0
      ? 'put names that hold the delimiter in double quotes'
      : 'write the missing cells, empty ones too';
  throw new UserError(
    `${file}, row ${row}: ${fields.length} fields, but the header has ${header.length}: ${advice}`,
  );
}

/** One line of CSV as RFC 4180 writes it, with its line end. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`;
}

/**
 * The lines of a CSV file as they are written: with a byte order mark in front where there are letters beyond ASCII.
 * Without it Excel reads these in the encoding of its country, and loses them for good when it saves. What is ASCII alone
 * has none, so that programs that know of no mark read the header as it is.
 * @param lines gives the lines anew each time
 */
export function* csvFile(lines: () => Iterable<string>): Generator<string> {
  for (const line of lines()) {
    if (!/[\u0080-\uffff]/.test(line)) continue;
    yield '\uFEFF';
    break;
  }
  yield* lines();
}

/**
 * Spreadsheets take a cell that begins with one of these for a formula. The apostrophe is among them so that what `guard`
 * writes has one reading only.
 */
const guarded = /^[=+\-@\t\r\n']/;

/** A number is none, whatever its sign, and other readers need it as it is. */
const isNumber = /^[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:e[+-]?\d+)?$/i;

/**
 * Makes text harmless in a spreadsheet: an apostrophe goes in front of text that begins with `=`, `+`, `-`, `@`, a tab,
 * a line break or an apostrophe, and is no number. `unguard` undoes it.
 */
export function guard(text: string): string {
  return isNumber.test(text) ? text : guardAll(text);
}

/** As `guard`, of numbers too: the form in which kindred 0.1 wrote them, and digests of labels still have them. */
export function guardAll(text: string): string {
  return guarded.test(text) ? `'${text}` : text;
}

/** Undoes `guard` and `guardAll`; leaves text as it is that neither can have written, such as `-x` or `'x`. */
export function unguard(cell: string): string {
  return cell.startsWith("'") && guarded.test(cell.slice(1)) ? cell.slice(1) : cell;
}
