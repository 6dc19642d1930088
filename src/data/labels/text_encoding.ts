import { UserError } from '../../errors.ts';
import { decodeWindows1252 } from './windows_1252.ts';

/** A text file as it was read. */
export interface DecodedText {
  /** Its text, without a byte order mark. */
  readonly text: string;
  /** The encoding that it is in: `UTF-8`, `UTF-16`, `Windows-1252`, … */
  readonly encoding: string;
}

/** Encodings that spreadsheets and editors outside UTF-8 write, by the names that people know them by. */
const legacy: readonly (readonly [string, string])[] = [
  ['Windows-1252', 'windows-1252'],
  ['Windows-1250', 'windows-1250'],
  ['Windows-1251', 'windows-1251'],
  ['Windows-1253', 'windows-1253'],
  ['Windows-1254', 'windows-1254'],
  ['Windows-1255', 'windows-1255'],
  ['Windows-1256', 'windows-1256'],
  ['Windows-1258', 'windows-1258'],
  ['GBK', 'gb18030'],
  ['Big5', 'big5'],
  ['Shift_JIS', 'shift_jis'],
  ['EUC-JP', 'euc-jp'],
  ['EUC-KR', 'euc-kr'],
  ['Windows-874', 'windows-874'],
  ['Mac Roman', 'macintosh'],
  ['KOI8-R', 'koi8-r'],
];

/** What a refusal shows the text as: the two that most files outside UTF-8 are in. */
const shown = ['Windows-1252', 'GBK'];

/** First bytes of what is given for a text file by mistake. */
const otherFiles: readonly (readonly [readonly number[], string])[] = [
  [[0x50, 0x4b, 0x03, 0x04], 'a workbook (or another zip archive)'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'a workbook of an old kind'],
  [[0x1f, 0x8b], 'a compressed file'],
  [[0x25, 0x50, 0x44, 0x46], 'a PDF'],
];

const advice = "save it as 'CSV UTF-8'";

/**
 * Reads the bytes of a text file that a person gives: UTF-8, or UTF-16 of either byte order, with a byte order mark or
 * without. Other encodings do not say which of them they are: the same bytes are a cat in one and two letters in another.
 * So one of them is taken only where names that are known tell it: it makes cells known that no other makes known.
 * @param file the file's name, for messages
 * @param isKnown whether a cell is a name that is known already: an image's path, or a class
 * @throws UserError, with the first row that is not UTF-8, where no encoding is beyond doubt; and for what is no text
 */
export function decodeText(
  bytes: Uint8Array,
  file: string,
  isKnown: (cell: string) => boolean = () => false,
): DecodedText {
  for (const [start, kind] of otherFiles) {
    if (start.every((byte, at) => bytes[at] === byte))
      throw new UserError(`${file} is ${kind}, not a text file: open it in its program and ${advice}`);
  }
  const wide = byteOrder(bytes);
  if (wide) {
    const text = decode(bytes, wide);
    if (text !== undefined) return { text, encoding: 'UTF-16' };
    throw new UserError(`${file} is UTF-16 text that is cut off or damaged: ${advice}`);
  }
  if (bytes.includes(0)) throw new UserError(`${file} is no text file: ${advice}`);
  const text = decode(bytes, 'utf-8');
  if (text !== undefined) return { text, encoding: 'UTF-8' };
  const lines = linesBeyondAscii(bytes);
  const known = recognise(bytes, lines, isKnown);
  if (known) return known;
  const bad = lines.find(({ content }) => decode(content, 'utf-8') === undefined)!;
  const readings = shown.flatMap((name) => {
    const reading = decode(bad.content, legacy.find((row) => row[0] === name)![1]);
    return reading === undefined ? [] : [`'${excerpt(reading)}' in ${name}`];
  });
  const said = readings.length > 0 ? ` (it would be ${readings.join(', ')})` : '';
  throw new UserError(`${file}, row ${bad.row} is not UTF-8 text${said}: ${advice}`);
}

/** The text in an encoding; undefined where bytes are none of it. A byte order mark is dropped. */
function decode(bytes: Uint8Array, encoding: string): string | undefined {
  if (encoding === 'windows-1252') return decodeWindows1252(bytes);
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The byte order of UTF-16, by its mark or by where the zeros of its letters, commas and line ends lie. */
function byteOrder(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  const pairs = Math.min(bytes.length >> 1, 2048);
  const zeros = [0, 0];
  for (let at = 0; at < 2 * pairs; at++) if (bytes[at] === 0) zeros[at % 2]!++;
  const [even, odd] = zeros as [number, number];
  if (odd > 0.2 * pairs && even === 0) return 'utf-16le';
  return even > 0.2 * pairs && odd === 0 ? 'utf-16be' : undefined;
}

/** A line that holds bytes beyond ASCII. */
interface Line {
  /** As a spreadsheet counts, where no cell holds a line break. */
  readonly row: number;
  readonly content: Uint8Array;
}

/** Line ends are the same bytes in all of `legacy`, and part of no character of theirs. */
function linesBeyondAscii(bytes: Uint8Array): Line[] {
  const lines: Line[] = [];
  let [start, row, beyond] = [0, 1, false];
  for (let at = 0; at <= bytes.length; at++) {
    const byte = bytes[at];
    if (byte !== undefined && byte !== 0x0a && byte !== 0x0d) {
      beyond ||= byte > 0x7f;
      continue;
    }
    if (beyond) lines.push({ row, content: bytes.subarray(start, at) });
    if (byte === 0x0d && bytes[at + 1] === 0x0a) at++;
    [start, row, beyond] = [at + 1, row + 1, false];
  }
  return lines;
}

/** So many lines tell an encoding as well as all do. */
const linesToTell = 2000;

/** The file in the one encoding that makes most cells known, as long as those that do as well give the same text. */
function recognise(
  bytes: Uint8Array,
  lines: readonly Line[],
  isKnown: (cell: string) => boolean,
): DecodedText | undefined {
  const sample = lines.slice(0, linesToTell);
  const hits = legacy.map(([, encoding]) => {
    const cells = new Map<string, number>();
    for (const { content } of sample) {
      const text = decode(content, encoding);
      if (text === undefined) return 0;
      for (const cell of text.split(/[,;\t|"]/))
        if (/[\u0080-\uffff]/.test(cell)) cells.set(cell.trim(), (cells.get(cell.trim()) ?? 0) + 1);
    }
    return [...cells].reduce((sum, [cell, count]) => sum + (isKnown(cell) ? count : 0), 0);
  });
  const most = Math.max(...hits);
  if (most === 0) return undefined;
  const best = legacy.filter((_, at) => hits[at] === most);
  const texts = new Set(best.map(([, encoding]) => decode(bytes, encoding)));
  const [text] = texts;
  return texts.size === 1 && text !== undefined ? { text, encoding: best[0]![0] } : undefined;
}

/** The cell that is not ASCII, of a length to be read. */
function excerpt(line: string): string {
  const cell = line.split(/[,;\t|"]/).find((part) => /[\u0080-\uffff]/.test(part)) ?? line;
  return [...cell.trim()].slice(0, 30).join('');
}
