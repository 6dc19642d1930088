// The build for pages is the one without Node's Buffer; it runs in both homes.
import { type CsvError, parse } from 'csv-parse/browser/esm/sync';
import { UserError } from '../../errors.ts';

/** A CSV file with a header. */
export interface CsvTable {
  /** Column names, trimmed. */
  readonly names: readonly string[];
  /** Rows with as many fields as there are names; `row` counts as a spreadsheet does, the header is row 1. */
  readonly rows: readonly { readonly row: number; readonly fields: readonly string[] }[];
}

/**
 * Reads CSV: RFC 4180, also with a byte order mark, blank lines, and line ends of several kinds, as edited files have.
 * @param required columns that must be there, in any order and among others
 * @throws UserError for broken quotes, a missing column, a row with another number of fields than the header
 */
export function readTable(text: string, file: string, required: readonly string[]): CsvTable {
  const [header, ...lines] = parseCsv(text, file);
  const names = (header ?? []).map((name) => name.trim());
  if (!required.every((name) => names.includes(name))) {
    throw new UserError(
      `${file}, row 1: the header must be ${required.join(',')}, but is ${names.join(',') || 'empty'}: add it as the first line`,
    );
  }
  const rows = lines
    .map((fields, index) => ({ row: index + 2, fields }))
    .filter(({ fields }) => fields.length > 1 || fields[0] !== '');
  for (const { row, fields } of rows) {
    if (fields.length === names.length) continue;
    throw new UserError(
      `${file}, row ${row}: ${fields.length} fields, but the header has ${names.length}: put names that hold a comma in double quotes`,
    );
  }
  return { names, rows };
}

function parseCsv(text: string, file: string): string[][] {
  try {
    return parse(text, { bom: true, relax_column_count: true, record_delimiter: ['\r\n', '\n', '\r'] });
  } catch (error) {
    const { message, code } = error as CsvError;
    if (!/^(CSV_|INVALID_)/.test(code ?? '')) throw error;
    throw new UserError(
      `${file} is not valid CSV: ${message}: close the quotes, and double those inside a name`,
    );
  }
}

/** One line of CSV as RFC 4180 writes it, with its line end. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`;
}

// Spreadsheets take a cell that begins with one of these for a formula. The apostrophe is among them so that what
// `guard` writes has one reading only.
const guarded = /^[=+\-@\t\r\n']/;

/**
 * Makes text harmless in a spreadsheet: an apostrophe goes in front of text that begins with `=`, `+`, `-`, `@`, a tab,
 * a line break or an apostrophe. `unguard` undoes it. Numbers of ours need no guard.
 */
export function guard(text: string): string {
  return guarded.test(text) ? `'${text}` : text;
}

/** Undoes `guard`; leaves text as it is that `guard` cannot have written, such as `-x` or `'x`. */
export function unguard(cell: string): string {
  return cell.startsWith("'") && guarded.test(cell.slice(1)) ? cell.slice(1) : cell;
}
