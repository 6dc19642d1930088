// The build for pages is the one without Node's Buffer; it runs in both homes.
import { type CsvError, parse } from 'csv-parse/browser/esm/sync';
import { UserError } from '../../errors.ts';
import { isNameOf, rowsToTell } from './column_names.ts';
import { shown } from './shown_text.ts';

/** The records of a table, with what was found out about how it is written. */
export interface Records {
  /** Fields of each record, the header's among them; `row` counts as a spreadsheet does, from 1. */
  readonly records: readonly { readonly row: number; readonly fields: readonly string[] }[];
  /** Whether the first record names the columns. */
  readonly hasHeader: boolean;
  /** How the table differs from one with commas and a header, in words. */
  readonly notes: readonly string[];
}

const delimiters: Readonly<Record<string, string>> = {
  ',': 'commas',
  ';': 'semicolons',
  '\t': 'tabs',
  '|': 'bars',
};

/**
 * Parses a table whose fields are parted by commas, semicolons, tabs, bars, or, where a path of a known image begins or ends
 * each line, by spaces. A first line `sep=;`, as spreadsheets read it, is taken at its word.
 * @param columns columns that the header must name
 * @param isPath whether a cell is the path of a known image; absent where no images are known
 * @throws UserError for an empty file and for broken quotes
 */
export function parseRecords(
  text: string,
  file: string,
  columns: readonly string[],
  isPath?: (cell: string) => boolean,
): Records {
  const said = /^"?sep=([^\r\n])"?[^\S\r\n\t]*(?:\r\n|\n|\r)/i.exec(text);
  const body = said ? text.slice(said[0].length) : text;
  if (!/[^\s,;|"]/.test(body)) throw isEmpty(file, columns);
  const found = said ? { delimiter: said[1]!, sure: true } : findDelimiter(body, columns, isPath);
  if (!found.sure && isPath) {
    const records = parseSpaced(body, columns, isPath);
    if (records) return records;
  }
  const chosen = found.delimiter;
  const records = parseCsv(body, file, chosen)
    .map((fields, index) => ({ row: index + 1, fields }))
    .filter(({ fields }) => fields.some((cell) => cell.trim() !== ''));
  const [first] = records;
  const hasHeader = !isData(first?.fields ?? [], columns, isPath);
  const notes = chosen === ',' ? [] : [`fields parted by ${delimiters[chosen] ?? `'${chosen}'`}`];
  return { records, hasHeader, notes: hasHeader ? notes : [...notes, 'no header'] };
}

const isEmpty = (file: string, columns: readonly string[]) =>
  new UserError(`${file} is empty: write the header ${columns.join(',')} and a row for each image below it`);

/**
 * The delimiter under which the first record names most columns, or else under which rows hold paths of known images.
 * @returns it, and whether either is so
 */
function findDelimiter(
  text: string,
  columns: readonly string[],
  isPath: (cell: string) => boolean = () => false,
): { readonly delimiter: string; readonly sure: boolean } {
  const tried = Object.keys(delimiters).flatMap((delimiter) => {
    const records = firstRecords(text, delimiter);
    const [first] = records;
    if (!first) return [];
    const named = columns.filter((column) => first.some((cell) => isNameOf(cell, column))).length;
    // Paths need not be looked for where names tell, which costs more than reading the file.
    const paths = named > 0 ? 0 : records.filter((fields) => fields.some(isPath)).length;
    return [{ delimiter, named, paths, fields: first.length }];
  });
  const [best] = tried
    .filter(({ fields, named }) => fields >= Math.min(2, columns.length) || named === columns.length)
    .sort((a, b) => b.named - a.named || b.paths - a.paths || b.fields - a.fields);
  if (!best) return { delimiter: ',', sure: false };
  return { delimiter: best.delimiter, sure: best.named > 0 || best.paths > 0 };
}

/** The first records that are not blank; none where quotes are broken under this delimiter. */
function firstRecords(text: string, delimiter: string): string[][] {
  // A piece of the text, up to a line end, is enough, unless it cuts a quoted field in two.
  const piece = text.slice(0, text.lastIndexOf('\n', 1 << 16) + 1);
  for (const part of piece === '' || piece.length === text.length ? [text] : [piece, text]) {
    try {
      const records = parse(part, { ...format(delimiter), to: rowsToTell, relax_quotes: true });
      return records.filter((fields) => fields.some((cell) => cell.trim() !== ''));
    } catch (error) {
      if (!isCsvError(error)) throw error;
    }
  }
  return [];
}

const format = (delimiter: string) => ({
  bom: true,
  delimiter,
  relax_column_count: true,
  record_delimiter: ['\r\n', '\n', '\r'],
});

const isCsvError = (error: unknown): error is CsvError =>
  /^(CSV_|INVALID_)/.test((error as CsvError | undefined)?.code ?? '');

function parseCsv(text: string, file: string, delimiter: string): string[][] {
  try {
    return parse(text, format(delimiter));
  } catch (error) {
    if (!isCsvError(error)) throw error;
    // Tables with tabs are often written without any quoting.
    if (delimiter === '\t') return parse(text, { ...format(delimiter), quote: null });
    throw new UserError(
      `${file} is not valid CSV: ${shown(error.message)}: close the quotes, and double those inside a name`,
    );
  }
}

/** Whether a cell ends as names of images do. */
export const endsLikeImage = (cell: string): boolean =>
  /\.(png|jpe?g|jpe|jfif|webp|tiff?|gif|bmp|avif|hei[cf]|dcm)$/i.test(cell.trim());

/** Whether a first record is a row of data: it holds an image's path, or a name that ends like an image's, and names nothing. */
function isData(
  fields: readonly string[],
  columns: readonly string[],
  isPath?: (cell: string) => boolean,
): boolean {
  if (!isPath || columns.every((column) => fields.some((cell) => isNameOf(cell, column)))) return false;
  // A header may name a column as an image is called but for its ending.
  if (fields.some((cell) => isPath(cell) && !isNameOf(cell, 'path'))) return true;
  if (fields.some((cell) => columns.some((column) => isNameOf(cell, column)))) return false;
  return fields.some(endsLikeImage);
}

/** Lines of a path, spaces and a label, or the other way round; undefined where lines are not of that kind. */
function parseSpaced(
  text: string,
  columns: readonly string[],
  isPath: (cell: string) => boolean,
): Records | undefined {
  const lines = text
    .split(/\r\n|\n|\r/)
    .map((line, index) => ({ row: index + 1, line: line.trim() }))
    .filter(({ line }) => line !== '');
  const [first] = lines;
  const words = first!.line.split(/\s+/);
  const hasHeader =
    words.length === 2 && columns.every((column) => words.some((word) => isNameOf(word, column)));
  const parted = lines.slice(hasHeader ? 1 : 0).map(({ row, line }) => {
    const splits = [...line.matchAll(/\s+/g)].map(({ index, 0: space }) => [
      line.slice(0, index),
      line.slice(index + space.length),
    ]);
    const fields =
      splits.filter(([path]) => isPath(path!)).at(-1) ?? splits.find(([, path]) => isPath(path!));
    return { row, fields: fields ?? splits.at(-1) ?? [line], found: fields !== undefined };
  });
  if (!parted.some(({ found }) => found) || parted.some(({ fields }) => fields.length !== 2))
    return undefined;
  const records = hasHeader ? [{ row: first!.row, fields: words }, ...parted] : parted;
  return { records, hasHeader, notes: ['fields parted by spaces', ...(hasHeader ? [] : ['no header'])] };
}
