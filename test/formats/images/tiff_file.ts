/** A directory's entry: whole numbers of a type by its number in TIFF 6.0 (1 and 7 bytes, 3 of two, 4 of four, 16 of eight). */
export interface Entry {
  readonly tag: number;
  readonly type: 1 | 2 | 3 | 4 | 7 | 16;
  readonly values: readonly number[];
}

/** How a TIFF file is written. */
export interface Writing {
  readonly littleEndian: boolean;
  /** BigTIFF, with places of eight bytes. */
  readonly isBig: boolean;
}

const sizes = { 1: 1, 2: 1, 3: 2, 4: 4, 7: 1, 16: 8 } as const;

/** Tags of pictures without anything out of the ordinary. */
export const shortEntry = (tag: number, ...values: number[]): Entry => ({ tag, type: 3, values });
export const longEntry = (tag: number, ...values: number[]): Entry => ({ tag, type: 4, values });

/**
 * A TIFF file: the header, `pixels` at byte 16, then each directory with the values that do not fit into its entries
 * behind it.
 */
export function tiffFile(
  directories: readonly (readonly Entry[])[],
  pixels = new Uint8Array(0),
  { littleEndian, isBig }: Writing = { littleEndian: true, isBig: false },
): Uint8Array {
  const [countBytes, entryBytes, placeBytes] = isBig ? [8, 20, 8] : [2, 12, 4];
  const bytesOf = ({ type, values }: Entry) => sizes[type] * values.length;
  const outside = (entry: Entry) => (bytesOf(entry) > placeBytes ? bytesOf(entry) : 0);
  const lengths = directories.map(
    (entries) =>
      countBytes +
      entryBytes * entries.length +
      placeBytes +
      entries.reduce((sum, entry) => sum + outside(entry), 0),
  );
  const bytes = new Uint8Array(16 + pixels.length + lengths.reduce((sum, length) => sum + length, 0));
  const view = new DataView(bytes.buffer);
  const put = (at: number, size: number, value: number) => {
    if (size === 1) view.setUint8(at, value);
    else if (size === 2) view.setUint16(at, value, littleEndian);
    else if (size === 4) view.setUint32(at, value, littleEndian);
    else view.setBigUint64(at, BigInt(value), littleEndian);
  };
  bytes.fill(littleEndian ? 0x49 : 0x4d, 0, 2);
  put(2, 2, isBig ? 43 : 42);
  if (isBig) put(4, 2, 8);
  bytes.set(pixels, 16);
  let at = 16 + pixels.length;
  put(placeBytes, placeBytes, directories.length > 0 ? at : 0);
  directories.forEach((entries, i) => {
    put(at, countBytes, entries.length);
    let free = at + countBytes + entryBytes * entries.length + placeBytes;
    entries.forEach((entry, j) => {
      const place = at + countBytes + entryBytes * j;
      put(place, 2, entry.tag);
      put(place + 2, 2, entry.type);
      put(place + 4, placeBytes, entry.values.length);
      const field = place + 4 + placeBytes;
      const start = outside(entry) > 0 ? free : field;
      if (outside(entry) > 0) put(field, placeBytes, free);
      entry.values.forEach((value, k) => {
        put(start + k * sizes[entry.type], sizes[entry.type], value);
      });
      free += outside(entry);
    });
    const next = i + 1 < directories.length ? at + lengths[i]! : 0;
    put(at + countBytes + entryBytes * entries.length, placeBytes, next);
    at += lengths[i]!;
  });
  return bytes;
}
