import { parse } from 'csv-parse/browser/esm/sync';
import type { Files } from '../../platform/platform.ts';

const [quote, newline] = [0x22, 0x0a];

/**
 * Calls `visit` with each row of a CSV file that `csvLine` wrote, the header too. Of a file of any length one piece lies in
 * memory: as a whole it may be longer than a text can be.
 * @param pieceBytes that are read and parsed at a time
 * @returns whether the file is CSV as far as it goes; what stands behind a fault is not visited
 */
export async function visitCsv(
  files: Pick<Files, 'stat' | 'readSlice'>,
  path: string,
  visit: (fields: readonly string[], row: number) => void,
  pieceBytes = 1 << 22,
): Promise<boolean> {
  const size = (await files.stat(path))?.bytes ?? 0;
  let [offset, row, length] = [0, 0, pieceBytes];
  while (offset < size) {
    const bytes = await files.readSlice(path, offset, Math.min(length, size - offset));
    if (bytes.length === 0) return false;
    const end = offset + bytes.length >= size ? bytes.length : endOfRows(bytes);
    if (end === 0) {
      // A row that is longer than the piece.
      length *= 2;
      continue;
    }
    let rows: string[][];
    try {
      rows = parse(new TextDecoder().decode(bytes.subarray(0, end)), { bom: offset === 0 });
    } catch {
      return false;
    }
    for (const fields of rows) visit(fields, row++);
    offset += end;
    length = pieceBytes;
  }
  return true;
}

/** Where the last row ends that a piece has as a whole: behind a line end outside of quotes. */
function endOfRows(bytes: Uint8Array): number {
  let [quoted, end] = [false, 0];
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] === quote) quoted = !quoted;
    else if (bytes[at] === newline && !quoted) end = at + 1;
  }
  return end;
}
