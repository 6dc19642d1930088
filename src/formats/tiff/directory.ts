/** Reads bytes of a file; fewer only at its end. */
export type ReadAt = (offset: number, length: number) => Promise<Uint8Array>;

/** Tags of TIFF 6.0 that say how an image is kept. */
const tags = {
  subfile: 254,
  bits: 258,
  compression: 259,
  photometric: 262,
  description: 270,
  samples: 277,
  predictor: 317,
  extra: 338,
  format: 339,
} as const;

/** Bytes of a number by its type. */
const typeSizes: Readonly<Record<number, number>> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  10: 8,
  11: 4,
  12: 8,
  13: 4,
  16: 8,
  17: 8,
  18: 8,
};

/** An image of a TIFF file, as far as its directory says how it is kept. */
export interface TiffPage {
  /** Its place among all directories of the file, from 0. */
  readonly directory: number;
  readonly littleEndian: boolean;
  /** A smaller copy of another image, or a mask. */
  readonly isAside: boolean;
  /** Bits of each number; 1 where nothing is said. */
  readonly bits: number;
  readonly compression: number;
  /** 0: white is zero. */
  readonly photometric: number;
  /** Numbers of each pixel. */
  readonly samples: number;
  /** 1: none, 2: differences, 3: differences of the bytes of floating-point numbers. */
  readonly predictor: number;
  /** What the numbers behind the colours are, 1 and 2: how opaque the pixel is; undefined where there are none. */
  readonly extra: number | undefined;
  /** 1: without a sign, 2: with one, 3: floating-point. */
  readonly format: number;
  /** Where ImageDescription lies and how long it is. */
  readonly description: { readonly offset: number; readonly length: number } | undefined;
}

/** The most directories that are followed, far beyond any stack that is kept in one file. */
const mostDirectories = 100_000;
/** Entries that one read covers; longer directories take another. */
const usualEntries = 40;
const mostEntries = 4096;

/**
 * The images of a TIFF or BigTIFF file in the order of its directories, read one after the other.
 * @param until the last directory that is wanted; all by default
 * @throws Error with a short reason where the file is damaged
 */
export async function tiffPages(readAt: ReadAt, until = mostDirectories - 1): Promise<TiffPage[]> {
  const head = await readAt(0, 16);
  const view = viewOf(head);
  if (head.length < 16) throw new Error('truncated or damaged');
  const little = head[0] === 0x49;
  const isBig = view.getUint16(2, little) === 43;
  let next = isBig ? bigNumber(view, 8, little) : view.getUint32(4, little);
  const seen = new Set<number>();
  const pages: TiffPage[] = [];
  while (next !== 0 && pages.length <= until && pages.length < mostDirectories) {
    if (seen.has(next)) throw new Error('truncated or damaged');
    seen.add(next);
    const found = await readDirectory(readAt, next, little, isBig, pages.length);
    pages.push(found.page);
    next = found.next;
  }
  return pages;
}

async function readDirectory(
  readAt: ReadAt,
  offset: number,
  little: boolean,
  isBig: boolean,
  directory: number,
): Promise<{ page: TiffPage; next: number }> {
  const [countBytes, entryBytes, pointerBytes] = isBig ? [8, 20, 8] : [2, 12, 4];
  const usual = countBytes + usualEntries * entryBytes + pointerBytes;
  let bytes = await readAt(offset, usual);
  if (bytes.length < countBytes) throw new Error('truncated or damaged');
  const count = isBig ? bigNumber(viewOf(bytes), 0, little) : viewOf(bytes).getUint16(0, little);
  const length = countBytes + count * entryBytes + pointerBytes;
  if (count < 1 || count > mostEntries) throw new Error('truncated or damaged');
  if (length > usual) bytes = await readAt(offset, length);
  if (bytes.length < length) throw new Error('truncated or damaged');
  const view = viewOf(bytes);
  const entries = new Map<number, Entry>();
  for (let i = 0; i < count; i++) {
    const entry = readEntry(view, countBytes + i * entryBytes, offset, little, isBig);
    entries.set(entry.tag, entry);
  }
  const end = length - pointerBytes;
  const next = isBig ? bigNumber(view, end, little) : view.getUint32(end, little);
  return { page: pageOf(entries, directory, little, await firstOf(readAt, entries, little)), next };
}

interface Entry {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  /** Where its values lie in the file. */
  readonly offset: number;
  /** The first value, where it lies in the entry itself. */
  readonly value: number | undefined;
}

function readEntry(view: DataView, at: number, base: number, little: boolean, isBig: boolean): Entry {
  const type = view.getUint16(at + 2, little);
  const count = isBig ? bigNumber(view, at + 4, little) : view.getUint32(at + 4, little);
  const field = at + (isBig ? 12 : 8);
  const isInside = count * (typeSizes[type] ?? 1) <= (isBig ? 8 : 4);
  const offset = isInside
    ? base + field
    : isBig
      ? bigNumber(view, field, little)
      : view.getUint32(field, little);
  return {
    tag: view.getUint16(at, little),
    type,
    count,
    offset,
    value: isInside ? numberAt(view, field, type, little) : undefined,
  };
}

/** First values of the numbers that do not fit into their entries, of which there is one for each of a pixel's numbers. */
async function firstOf(
  readAt: ReadAt,
  entries: ReadonlyMap<number, Entry>,
  little: boolean,
): Promise<(tag: number) => number | undefined> {
  const outside = new Map<number, number>();
  for (const tag of [tags.bits, tags.format, tags.extra]) {
    const entry = entries.get(tag);
    if (!entry || entry.value !== undefined) continue;
    const bytes = await readAt(entry.offset, 8);
    if (bytes.length >= 2) outside.set(tag, viewOf(bytes).getUint16(0, little));
  }
  return (tag) => entries.get(tag)?.value ?? outside.get(tag);
}

function pageOf(
  entries: ReadonlyMap<number, Entry>,
  directory: number,
  littleEndian: boolean,
  first: (tag: number) => number | undefined,
): TiffPage {
  const text = entries.get(tags.description);
  return {
    directory,
    littleEndian,
    isAside: ((first(tags.subfile) ?? 0) & 5) !== 0,
    bits: first(tags.bits) ?? 1,
    compression: first(tags.compression) ?? 1,
    photometric: first(tags.photometric) ?? 1,
    samples: first(tags.samples) ?? 1,
    predictor: first(tags.predictor) ?? 1,
    extra: first(tags.extra),
    format: first(tags.format) ?? 1,
    description: text && { offset: text.offset, length: text.count },
  };
}

function numberAt(view: DataView, at: number, type: number, little: boolean): number | undefined {
  const size = typeSizes[type];
  if (size === 1) return view.getUint8(at);
  if (size === 2) return view.getUint16(at, little);
  if (size === 4) return view.getUint32(at, little);
  return undefined;
}

/** A number of eight bytes; one that no file reaches is cut to the largest exact one. */
function bigNumber(view: DataView, at: number, little: boolean): number {
  return Number(BigInt.asUintN(53, view.getBigUint64(at, little)));
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
