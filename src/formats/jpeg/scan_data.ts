import type { HuffmanTable } from './huffman.ts';
import type { Frame, Scan } from './segments.ts';

/** Coefficients of a block. */
const blockSize = 64;
/** Bits of the largest difference between two DC coefficients of 8-bit samples, and of the largest AC coefficient. */
const mostDcBits = 11;
const mostAcBits = 10;

/** MCUs of a sequential scan: of one component they are its blocks (ISO/IEC 10918-1, A.2). */
export function countUnits({ width, height, components }: Frame, { parts }: Scan): number {
  const across = Math.max(...components.map((component) => component.across));
  const down = Math.max(...components.map((component) => component.down));
  const [only] = parts;
  if (parts.length > 1) return Math.ceil(width / (8 * across)) * Math.ceil(height / (8 * down));
  const { component } = only!;
  const columns = Math.ceil((width * component.across) / across);
  const rows = Math.ceil((height * component.down) / down);
  return Math.ceil(columns / 8) * Math.ceil(rows / 8);
}

/**
 * Walks through Huffman codes of a sequential scan without computing any pixel.
 * @param start where the codes begin
 * @param end where the next marker stands
 * @param units how many MCUs are wanted
 * @returns where the codes of the last of them end; undefined where codes are missing or are none
 */
export function endOfUnits(
  bytes: Uint8Array,
  start: number,
  end: number,
  { parts }: Scan,
  tables: ReadonlyMap<number, HuffmanTable>,
  units: number,
): number | undefined {
  const blocks = parts.flatMap(({ component, dc, ac }) => {
    const pair = { dc: tables.get(dc), ac: tables.get(16 + ac) };
    return Array.from({ length: parts.length === 1 ? 1 : component.across * component.down }, () => pair);
  });
  const codes = new CodeReader(bytes, start, end);
  for (let unit = 0; unit < units; unit++) {
    for (const { dc, ac } of blocks) if (!dc || !ac || !passBlock(codes, dc, ac)) return undefined;
  }
  return codes.position;
}

function passBlock(codes: CodeReader, dc: HuffmanTable, ac: HuffmanTable): boolean {
  const difference = codes.value(dc);
  if (difference < 0 || difference > mostDcBits || !codes.pass(difference)) return false;
  for (let at = 1; at < blockSize; at++) {
    const value = codes.value(ac);
    if (value < 0) return false;
    const bits = value & 15;
    if (bits === 0) {
      // Fifteen names a run of sixteen zeros, zero the end of the block; the others belong to progressive files.
      if (value === 0) break;
      if (value !== 0xf0) return false;
      at += 15;
      if (at >= blockSize) return false;
      continue;
    }
    at += value >> 4;
    if (at >= blockSize || bits > mostAcBits || !codes.pass(bits)) return false;
  }
  return true;
}

/** Reads bits; a zero behind a byte of ones is stuffed in and means nothing. */
class CodeReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;
  #byte = 0;
  #left = 0;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  /** Where the bytes end that were read from. */
  get position(): number {
    return this.#at;
  }

  /** The next bit; −1 behind the end. */
  #bit(): number {
    if (this.#left === 0) {
      if (this.#at >= this.#end) return -1;
      this.#byte = this.#bytes[this.#at++]!;
      if (this.#byte === 0xff && this.#bytes[this.#at] === 0) this.#at++;
      this.#left = 8;
    }
    return (this.#byte >> --this.#left) & 1;
  }

  /** The value of the next code; −1 where there is none. */
  value({ least, most, first, values }: HuffmanTable): number {
    let code = 0;
    for (let length = 1; length <= 16; length++) {
      const bit = this.#bit();
      if (bit < 0) return -1;
      code = 2 * code + bit;
      if (code <= most[length]! && code >= least[length]!)
        return values[first[length]! + code - least[length]!]!;
    }
    return -1;
  }

  /** Passes over bits. @returns false where there are fewer */
  pass(count: number): boolean {
    for (let i = 0; i < count; i++) if (this.#bit() < 0) return false;
    return true;
  }
}
