import type { RawValues, ReadAt, TiffDirectory } from './directory.ts';
import { tags } from './tags.ts';

/** Options of fax and JPEG compression, what inks and brightness mean: whatever else changes how pixels come out. */
const others = [292, 293, 332, 347, 529, 530, 531, 532];
const kept = [...Object.values(tags).filter((tag) => tag !== tags.description), ...others].sort(
  (a, b) => a - b,
);

const long8 = 16;

/**
 * One image of a TIFF file as a file of its own, whose pixels are kept as they were. A decoder that is asked for the
 * thousandth image of a file goes through those in front of it, each time.
 * @param most bytes that its pixels may take in the file
 * @returns undefined where they take more, or are not all there: the whole file is then what a decoder has to see
 */
export async function singlePage(
  directory: TiffDirectory,
  readAt: ReadAt,
  most: number,
): Promise<Uint8Array | undefined> {
  const tiled = (await directory.numbers(tags.tileOffsets, 1)).length > 0;
  const [offsetsTag, lengthsTag] = tiled
    ? [tags.tileOffsets, tags.tileLengths]
    : [tags.stripOffsets, tags.stripLengths];
  const offsets = await directory.numbers(offsetsTag);
  const blocks = await readBlocks(readAt, offsets, await directory.numbers(lengthsTag), most);
  if (!blocks) return undefined;
  const entries = new Map<number, RawValues>();
  for (const tag of kept) {
    const values = await directory.raw(tag);
    if (values) entries.set(tag, values);
  }
  const { littleEndian } = directory;
  const start = pixelsStart(entries, offsetsTag, offsets.length);
  entries.set(offsetsTag, placesOf(blocks.starts, start, littleEndian));
  return bigTiff(entries, blocks.pieces, start, littleEndian);
}

interface Blocks {
  readonly pieces: readonly Uint8Array[];
  /** Where each strip or tile begins, in the pieces put together. */
  readonly starts: readonly number[];
}

/** The bytes of strips or tiles, in one read where they lie beside each other. */
async function readBlocks(
  readAt: ReadAt,
  offsets: readonly number[],
  lengths: readonly number[],
  most: number,
): Promise<Blocks | undefined> {
  if (offsets.length === 0 || offsets.length !== lengths.length) return undefined;
  let [first, end, total] = [Infinity, 0, 0];
  offsets.forEach((offset, i) => {
    first = Math.min(first, offset);
    end = Math.max(end, offset + lengths[i]!);
    total += lengths[i]!;
  });
  if (end - first <= Math.max(1.25 * total, 1 << 16)) {
    if (end - first > most) return undefined;
    const piece = await readAt(first, end - first);
    return piece.length < end - first
      ? undefined
      : { pieces: [piece], starts: offsets.map((offset) => offset - first) };
  }
  if (total > most) return undefined;
  const pieces: Uint8Array[] = [];
  const starts: number[] = [];
  let at = 0;
  for (const [i, offset] of offsets.entries()) {
    const piece = await readAt(offset, lengths[i]!);
    if (piece.length < lengths[i]!) return undefined;
    pieces.push(piece);
    starts.push(at);
    at += piece.length;
  }
  return { pieces, starts };
}

function placesOf(starts: readonly number[], base: number, littleEndian: boolean): RawValues {
  const bytes = new Uint8Array(8 * starts.length);
  const view = new DataView(bytes.buffer);
  starts.forEach((start, i) => {
    view.setBigUint64(8 * i, BigInt(base + start), littleEndian);
  });
  return { type: long8, count: starts.length, bytes };
}

const header = 16;
const directoryBytes = (entries: number) => 8 + 20 * entries + 8;
/** Bytes behind the directory that values take, up to the next multiple of eight. */
const outside = (bytes: number) => (bytes > 8 ? 8 * Math.ceil(bytes / 8) : 0);

/** Where the pixels begin, behind all values; offsets take eight bytes each. */
function pixelsStart(entries: ReadonlyMap<number, RawValues>, offsetsTag: number, blocks: number): number {
  let start = header + directoryBytes(entries.size);
  for (const [tag, { bytes }] of entries) start += outside(tag === offsetsTag ? 8 * blocks : bytes.length);
  return start;
}

/** A BigTIFF file of one directory. */
function bigTiff(
  entries: ReadonlyMap<number, RawValues>,
  pieces: readonly Uint8Array[],
  start: number,
  littleEndian: boolean,
): Uint8Array {
  const file = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, start));
  const view = new DataView(file.buffer);
  const place = (at: number, value: number) => view.setBigUint64(at, BigInt(value), littleEndian);
  file.fill(littleEndian ? 0x49 : 0x4d, 0, 2);
  view.setUint16(2, 43, littleEndian);
  view.setUint16(4, 8, littleEndian);
  place(8, header);
  place(header, entries.size);
  let [at, free] = [header + 8, header + directoryBytes(entries.size)];
  for (const [tag, { type, count, bytes }] of entries) {
    view.setUint16(at, tag, littleEndian);
    view.setUint16(at + 2, type, littleEndian);
    place(at + 4, count);
    if (bytes.length > 8) place(at + 12, free);
    file.set(bytes, bytes.length > 8 ? free : at + 12);
    free += outside(bytes.length);
    at += 20;
  }
  let to = start;
  for (const piece of pieces) {
    file.set(piece, to);
    to += piece.length;
  }
  return file;
}
