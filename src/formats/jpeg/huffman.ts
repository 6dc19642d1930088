/** A Huffman table of a JPEG file: the value of a code of `length` bits is `values[first[length] + code − least[length]]`. */
export interface HuffmanTable {
  /** The least code of each length. */
  readonly least: Int32Array;
  /** The largest code of each length; −1 where there is none. */
  readonly most: Int32Array;
  /** Where the values of each length begin. */
  readonly first: Int32Array;
  readonly values: Uint8Array;
}

const longestCode = 16;

/**
 * Reads the tables of a DHT segment (ISO/IEC 10918-1, B.2.4.2 and annex C).
 * @param body the segment behind its length
 * @param tables takes them by class and number: 0 to 3 for DC, 16 to 19 for AC
 * @returns false where the segment is damaged
 */
export function readHuffmanTables(body: Uint8Array, tables: Map<number, HuffmanTable>): boolean {
  for (let at = 0; at < body.length; ) {
    const name = body[at]!;
    const counts = body.subarray(at + 1, at + 1 + longestCode);
    const total = counts.reduce((sum, count) => sum + count, 0);
    const end = at + 1 + longestCode + total;
    if (counts.length < longestCode || end > body.length) return false;
    const least = new Int32Array(longestCode + 1);
    const most = new Int32Array(longestCode + 1).fill(-1);
    const first = new Int32Array(longestCode + 1);
    let code = 0;
    let value = 0;
    for (let length = 1; length <= longestCode; length++) {
      least[length] = code;
      first[length] = value;
      code += counts[length - 1]!;
      value += counts[length - 1]!;
      if (counts[length - 1]! > 0) most[length] = code - 1;
      code *= 2;
    }
    tables.set(name, { least, most, first, values: body.slice(at + 1 + longestCode, end) });
    at = end;
  }
  return true;
}
