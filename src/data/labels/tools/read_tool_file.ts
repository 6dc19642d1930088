import { UserError } from '../../../errors.ts';
import { cocoResultsRefused, isCoco, isCocoResults, readCoco } from './coco.ts';
import { isCvat, readCvat } from './cvat.ts';
import { isObject, type JsonObject, jsonLinesOf, objectsOf, tryJson } from './json_values.ts';
import { isTasks, readTasks } from './label_studio.ts';
import { isFlat, readFlat, readFlatTable } from './label_studio_flat.ts';
import { readRecords } from './records.ts';
import type { ToolEntry, ToolFile } from './tool_file.ts';
import { isVoc, readVoc } from './voc.ts';
import { readXml } from './xml.ts';

/** Longest file that is read whole; longer texts do not fit into one string. */
const mostBytes = 500_000_000;

/**
 * Reads a file of labels by what it holds, whatever it is called: Label Studio's JSON, JSON-MIN, CSV and TSV, CVAT's and
 * Pascal VOC's XML, COCO's JSON, JSON lines and lists of records.
 * @param folder where the file lies below the images; empty where it lies elsewhere
 * @returns undefined for a table that is no tool's, which `readGivenRows` reads
 * @throws UserError for a file of these kinds that is broken, and for JSON and XML of other kinds
 */
export function readToolFile(bytes: Uint8Array, file: string, folder: string): ToolFile | undefined {
  switch (kindOf(bytes)) {
    case 'xml':
      return readXmlFile(bytes, file);
    case 'json':
      return readJson(textOfBytes(bytes, file), file, folder);
    default: {
      const text = decode(bytes, true);
      return text === undefined ? undefined : readFlatTable(text, file);
    }
  }
}

/**
 * Reads a folder of Pascal VOC's annotations, a file an image.
 * @param files the XML files, by their paths below the folder
 */
export function readVocFolder(files: Iterable<readonly [name: string, bytes: Uint8Array]>): ToolFile {
  const entries: ToolEntry[] = [];
  for (const [name, bytes] of files) {
    const root = readXml(textOfBytes(bytes, name), name);
    if (!isVoc(root)) throw unknownXml(name, root.name);
    entries.push(readVoc(root, name));
  }
  return { tool: 'Pascal VOC', entries };
}

/** The first sign that is no space or byte order mark tells XML and JSON from tables. */
function kindOf(bytes: Uint8Array): 'xml' | 'json' | 'table' {
  const start = decode(bytes.subarray(0, 4096), false) ?? '';
  const text = start.trimStart();
  if (/^<[?!A-Za-z]/.test(text)) return 'xml';
  return /^(\{|\[\s*[[{\]])/.test(text) ? 'json' : 'table';
}

function readXmlFile(bytes: Uint8Array, file: string): ToolFile {
  const root = readXml(textOfBytes(bytes, file), file);
  if (isCvat(root)) return readCvat(root, file);
  if (isVoc(root)) return { tool: 'Pascal VOC', entries: [readVoc(root, file)] };
  throw unknownXml(file, root.name);
}

const unknownXml = (file: string, root: string): UserError =>
  new UserError(
    `${file} is XML of another kind (<${root.slice(0, 40)}>): give CVAT's 'CVAT for images' or Pascal VOC's annotations`,
  );

function readJson(text: string, file: string, folder: string): ToolFile {
  const value = tryJson(text) ?? linesOf(text, file);
  if (isCoco(value)) return readCoco(value, file);
  if (isCocoResults(value)) throw cocoResultsRefused(file);
  if (isTasks(value)) return readTasks(value, file);
  const rows = isObject(value) ? [value] : objectsOf(value);
  if (isFlat(Object.keys(rows[0] ?? {}))) return readFlat(rows, 'Label Studio JSON-MIN', file);
  const isList = Array.isArray(value) && rows.length === value.length;
  if (isList || !text.trim().includes('\n')) return readRecords(rows, file, folder);
  throw new UserError(
    `${file} is JSON of a kind that is not known: give Label Studio's, COCO's, or JSON lines with a path and a label each`,
  );
}

function linesOf(text: string, file: string): JsonObject[] {
  const first = text.trimStart().split('\n', 1)[0]!;
  if (isObject(tryJson(first))) return jsonLinesOf(text, file);
  throw new UserError(`${file} is no whole JSON file: it may be cut off, so export it again`);
}

/** The whole text. @throws UserError where it is in no encoding that is known */
function textOfBytes(bytes: Uint8Array, file: string): string {
  if (bytes.length > mostBytes)
    throw new UserError(
      `${file} has ${bytes.length} bytes, and files of labels may have ${mostBytes}: split it`,
    );
  const text = decode(bytes, true);
  if (text !== undefined) return text;
  throw new UserError(`${file} is no valid UTF-8: export it again, or save it as UTF-8`);
}

/** Text by its byte order mark, by what XML declares, else as UTF-8; undefined where it is not valid. */
function decode(bytes: Uint8Array, strict: boolean): string | undefined {
  try {
    return new TextDecoder(encodingOf(bytes), { fatal: strict }).decode(bytes);
  } catch {
    return undefined;
  }
}

function encodingOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  const start = String.fromCharCode(...bytes.subarray(0, 200));
  return /^\s*<\?xml[^>]*encoding=["']([A-Za-z0-9._-]+)["']/.exec(start)?.[1] ?? 'utf-8';
}
