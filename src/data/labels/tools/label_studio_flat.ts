import { type CsvError, parse } from 'csv-parse/browser/esm/sync';
import { UserError } from '../../../errors.ts';
import { imageFields, looksLikeImage, originOf, otherImages, placesOf } from './fields.ts';
import { type JsonObject, own, textOf, tryJson } from './json_values.ts';
import { controlOf, valueClasses } from './label_studio.ts';
import type { Reason, ToolEntry, ToolFile } from './tool_file.ts';

/** Columns that Label Studio adds to the fields of the data. */
const ownColumns = ['annotation_id', 'annotator', 'lead_time', 'created_at', 'updated_at'];

/** Whether names of columns or keys are those of Label Studio's CSV, TSV and JSON-MIN. */
export const isFlat = (names: readonly string[]): boolean =>
  names.includes('annotation_id') && ownColumns.filter((name) => names.includes(name)).length >= 3;

/** Columns that hold no class: Label Studio's, and those of data that kindred exported. */
const noClass = new Set([
  ...ownColumns,
  ...imageFields,
  ...otherImages,
  ...['id', 'agreement', 'history', 'was_cancelled', 'status', 'confidence', 'margin', 'runner_up', 'group'],
  ...['origin', 'probability'],
]);

/**
 * Labels of Label Studio's CSV, TSV and JSON-MIN, an annotation a row. What a field `status` of the data says does not
 * matter: the row is there because a person submitted it.
 * @throws UserError where it is not clear which column holds the class
 */
export function readFlat(rows: readonly JsonObject[], tool: string, file: string): ToolFile {
  const column = classColumn(rows, file);
  const entries = rows.map((row, index): ToolEntry => {
    const places = placesOf(row);
    const leftOut = leftOutOf(row);
    if (leftOut) return { places, classes: [], leftOut };
    const classes = column === undefined ? [] : cellClasses(own(row, column));
    return { places, classes, origin: originOf(row, file, index + 2) };
  });
  return { tool, entries };
}

function leftOutOf(row: JsonObject): Reason | undefined {
  if (/^true$/i.test(textOf(own(row, 'was_cancelled')) ?? '')) return 'cancelled';
  const id = own(row, 'annotation_id');
  return id === null || id === undefined || id === '' ? 'open' : undefined;
}

function classColumn(rows: readonly JsonObject[], file: string): string | undefined {
  const names = new Set(rows.flatMap(Object.keys));
  const isFilled = (name: string) => rows.some((row) => cellClasses(own(row, name)).length > 0);
  const named = ['label', 'choice'].find((name) => names.has(name) && isFilled(name));
  if (named !== undefined) return named;
  const isImage = (name: string) => rows.some((row) => looksLikeImage.test(textOf(own(row, name)) ?? ''));
  const left = [...names].filter((name) => !noClass.has(name) && isFilled(name) && !isImage(name));
  return controlOf(new Set(left), file);
}

/** The classes of a cell: a name, or JSON where there are several or they belong to regions. */
function cellClasses(cell: unknown): string[] {
  const text = textOf(cell);
  if (text === undefined) return listClasses(cell);
  if (text.trim() === '') return [];
  const value = /^\s*[[{]/.test(text) ? tryJson(text) : undefined;
  return typeof value === 'object' && value !== null ? listClasses(value) : [text];
}

function listClasses(value: unknown): string[] {
  if (!Array.isArray(value)) return valueClasses(value);
  return value.flatMap((item) => textOf(item) ?? valueClasses(item));
}

/**
 * Labels of Label Studio's CSV or TSV, also with the delimiter that a spreadsheet saves.
 * @returns undefined for any other table
 * @throws UserError for a table that is broken
 */
export function readFlatTable(text: string, file: string): ToolFile | undefined {
  const header = text.replace(/^\ufeff/, '').split(/[\r\n]/, 1)[0]!;
  const delimiter = ['\t', ';', ','].find((sign) => header.includes(sign));
  if (delimiter === undefined) return undefined;
  const columns = header.split(delimiter).map((name) => name.replace(/^"|"$/g, ''));
  if (!isFlat(columns)) return undefined;
  const [names = [], ...rows] = parseTable(text, file, delimiter);
  const objects = rows.map(
    (fields): JsonObject => Object.fromEntries(fields.map((field, at) => [names[at]!, field])),
  );
  return readFlat(objects, delimiter === '\t' ? 'Label Studio TSV' : 'Label Studio CSV', file);
}

function parseTable(text: string, file: string, delimiter: string): string[][] {
  try {
    return parse(text, { bom: true, delimiter, skip_empty_lines: true });
  } catch (error) {
    const { message, code } = error as CsvError;
    if (!code?.startsWith('CSV_')) throw error;
    throw new UserError(`${file} is not valid CSV: ${message}: export it again`);
  }
}
