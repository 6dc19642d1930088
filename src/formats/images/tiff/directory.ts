import { truncated } from '../raw_image.ts';

/** Reads bytes of a file; fewer only at its end. */
export type ReadAt = (offset: number, length: number) => Promise<Uint8Array>;

/** The bytes of a file that is in memory. */
export const inMemory =
  (bytes: Uint8Array): ReadAt =>
  async (offset, length) =>
    bytes.subarray(offset, offset + length);

/** A type of values: bytes of one, and how it is read where it is a whole number. */
interface ValueType {
  readonly size: number;
  readonly whole?: (view: DataView, at: number, little: boolean) => number;
}

/** A number of eight bytes; one that no file reaches is cut to what is exact. */
const eightBytes = (view: DataView, at: number, little: boolean): number =>
  Number(BigInt.asUintN(53, view.getBigUint64(at, little)));

const byte: ValueType = { size: 1, whole: (view, at) => view.getUint8(at) };
const short: ValueType = { size: 2, whole: (view, at, little) => view.getUint16(at, little) };
const long: ValueType = { size: 4, whole: (view, at, little) => view.getUint32(at, little) };
const long8: ValueType = { size: 8, whole: eightBytes };
const fraction: ValueType = { size: 8 };

/** Types by their numbers (TIFF 6.0, section 2; from 13 on its supplement and BigTIFF). */
const types: Readonly<Record<number, ValueType>> = {
  1: byte,
  2: { size: 1 },
  3: short,
  4: long,
  5: fraction,
  6: { size: 1, whole: (view, at) => view.getInt8(at) },
  7: byte,
  8: { size: 2, whole: (view, at, little) => view.getInt16(at, little) },
  9: { size: 4, whole: (view, at, little) => view.getInt32(at, little) },
  10: fraction,
  11: { size: 4 },
  12: fraction,
  13: long,
  16: long8,
  17: { size: 8, whole: (view, at, little) => Number(view.getBigInt64(at, little)) },
  18: long8,
};

/** How a file writes numbers, and how many bytes the parts of a directory take. */
interface Layout {
  readonly littleEndian: boolean;
  /** The count of entries in front, an entry, and a place in the file, as big as the values that fit into an entry. */
  readonly countBytes: 2 | 8;
  readonly entryBytes: 12 | 20;
  readonly placeBytes: 4 | 8;
}

/** Where a tag's values stand in its directory, or where it says that they are. */
interface Place {
  /** The type's number. */
  readonly number: number;
  readonly type: ValueType;
  readonly count: number;
  readonly field: number;
}

/** A tag's values, not yet read as anything. */
export interface RawValues {
  readonly type: number;
  readonly count: number;
  readonly bytes: Uint8Array;
}

/** A directory of a TIFF file: the tags of one image. */
export class TiffDirectory {
  readonly #readAt: ReadAt;
  readonly #view: DataView;
  readonly #layout: Layout;

  /** @param view all bytes of the directory */
  constructor(readAt: ReadAt, view: DataView, layout: Layout) {
    this.#readAt = readAt;
    this.#view = view;
    this.#layout = layout;
  }

  /** Whether numbers have their low byte first. */
  get littleEndian(): boolean {
    return this.#layout.littleEndian;
  }

  /**
   * Whole numbers of a tag; none where it is not there, is of another type or lies beyond the file's end.
   * @param most so many of them, the first; without, as many as the file holds are read at once
   */
  async numbers(tag: number, most = Infinity): Promise<number[]> {
    const place = this.#find(tag);
    if (!place?.type.whole) return [];
    const { whole, size } = place.type;
    const length = Math.min(most, place.count);
    const values = viewOf(await this.#bytes(place, size * length));
    if (values.byteLength < size * length) return [];
    return Array.from({ length }, (_, i) => whole(values, size * i, this.littleEndian));
  }

  /** The first number of a tag, or what it is where it is not there. */
  async number(tag: number, missing: number): Promise<number> {
    return (await this.numbers(tag, 1))[0] ?? missing;
  }

  /** The text of a tag, up to so many bytes of it; empty where it is not there. */
  async text(tag: number, most: number): Promise<string> {
    const place = this.#find(tag);
    if (!place) return '';
    const bytes = await this.#bytes(place, Math.min(most, place.type.size * place.count));
    return new TextDecoder('latin1').decode(bytes);
  }

  /** The values of a tag as the file has them: their type's number, how many, and their bytes. */
  async raw(tag: number): Promise<RawValues | undefined> {
    const place = this.#find(tag);
    if (!place) return undefined;
    const { count, type, number } = place;
    const bytes = await this.#bytes(place, type.size * count);
    return bytes.length < type.size * count ? undefined : { type: number, count, bytes };
  }

  #find(tag: number): Place | undefined {
    const { littleEndian, countBytes, entryBytes, placeBytes } = this.#layout;
    const view = this.#view;
    for (let at = countBytes; at < view.byteLength - placeBytes; at += entryBytes) {
      if (view.getUint16(at, littleEndian) !== tag) continue;
      const number = view.getUint16(at + 2, littleEndian);
      const type = types[number];
      const count = placeAt(view, at + 4, this.#layout);
      return type && { number, type, count, field: at + 4 + placeBytes };
    }
    return undefined;
  }

  /** Bytes of a tag's values, which stand in the entry where they fit. */
  async #bytes({ type, count, field }: Place, length: number): Promise<Uint8Array> {
    const view = this.#view;
    if (type.size * count > this.#layout.placeBytes)
      return this.#readAt(placeAt(view, field, this.#layout), length);
    return new Uint8Array(view.buffer, view.byteOffset + field, length);
  }
}

/** The most directories that are followed, far beyond any stack that is kept in one file. */
const mostDirectories = 100_000;
/** Entries that one read covers; longer directories take another. */
const usualEntries = 40;
const mostEntries = 4096;

/**
 * The directories of a TIFF or BigTIFF file in their order, read one after the other: each of them an image, a preview or
 * a smaller copy of one. No more is read than the file is long.
 * @param wanted how many of them, the first; all by default
 * @throws UnreadableImage where it is no TIFF file or is damaged
 */
export async function tiffDirectories(readAt: ReadAt, wanted = mostDirectories): Promise<TiffDirectory[]> {
  const head = viewOf(await readAt(0, 16));
  if (head.byteLength < 16) throw truncated();
  const littleEndian = head.getUint8(0) === 0x49;
  const version = head.getUint16(2, littleEndian);
  if (version !== 42 && version !== 43) throw truncated();
  const layout: Layout =
    version === 43
      ? { littleEndian, countBytes: 8, entryBytes: 20, placeBytes: 8 }
      : { littleEndian, countBytes: 2, entryBytes: 12, placeBytes: 4 };
  const found: TiffDirectory[] = [];
  let next = placeAt(head, layout.placeBytes, layout);
  let [furthest, total] = [0, 0];
  while (next !== 0 && found.length < Math.min(wanted, mostDirectories)) {
    const view = await readDirectory(readAt, next, layout);
    furthest = Math.max(furthest, next + view.byteLength);
    total += view.byteLength;
    // Directories that lie over each other, or in a circle, would take as long as the square of the file's size.
    if (total > furthest) throw truncated();
    found.push(new TiffDirectory(readAt, view, layout));
    next = placeAt(view, view.byteLength - layout.placeBytes, layout);
  }
  return found;
}

/** All bytes of a directory: the count of its entries, the entries, and where the next one is. */
async function readDirectory(readAt: ReadAt, start: number, layout: Layout): Promise<DataView> {
  const { littleEndian, countBytes, entryBytes, placeBytes } = layout;
  const usual = countBytes + usualEntries * entryBytes + placeBytes;
  let bytes = await readAt(start, usual);
  if (bytes.length < countBytes) throw truncated();
  const count =
    countBytes === 8 ? eightBytes(viewOf(bytes), 0, littleEndian) : viewOf(bytes).getUint16(0, littleEndian);
  if (count < 1 || count > mostEntries) throw truncated();
  const length = countBytes + count * entryBytes + placeBytes;
  if (length > usual) bytes = await readAt(start, length);
  if (bytes.length < length) throw truncated();
  // A copy, so that many of them do not keep what was read beyond them.
  return viewOf(bytes.slice(0, length));
}

/** A place in the file, or a count that takes as many bytes. */
function placeAt(view: DataView, at: number, { placeBytes, littleEndian }: Layout): number {
  return placeBytes === 8 ? eightBytes(view, at, littleEndian) : view.getUint32(at, littleEndian);
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
