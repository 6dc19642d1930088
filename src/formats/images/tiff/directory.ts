import { truncated } from '../raw_image.ts';

/** Bytes of a value by its type's number (TIFF 6.0, section 2, and BigTIFF). */
const sizes: Readonly<Record<number, number>> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  6: 1,
  8: 2,
  9: 4,
  13: 4,
  16: 8,
  17: 8,
  18: 8,
};

/** The values of a directory, by their tags; only whole numbers, which is all that a picture's layout is made of. */
export class Directory {
  readonly #places = new Map<number, { type: number; count: number; at: number }>();
  readonly #view: DataView;
  readonly #little: boolean;
  /** Entries in the file. */
  readonly entries: number;
  /** Where the next directory is; 0 behind the last. */
  readonly next: number;

  /** Reads the directory at a place. @throws UnreadableImage where it lies beyond the file's end */
  constructor(view: DataView, start: number, little: boolean, isBig: boolean) {
    this.#view = view;
    this.#little = little;
    const [countBytes, entryBytes, valueBytes] = isBig ? [8, 20, 8] : [2, 12, 4];
    if (start + countBytes > view.byteLength) throw truncated();
    const count = isBig ? bigNumber(view, start, little) : view.getUint16(start, little);
    this.entries = count;
    const end = start + countBytes + count * entryBytes;
    if (end + valueBytes > view.byteLength) throw truncated();
    for (let at = start + countBytes; at < end; at += entryBytes) {
      const type = view.getUint16(at + 2, little);
      const values = isBig ? bigNumber(view, at + 4, little) : view.getUint32(at + 4, little);
      const size = (sizes[type] ?? 0) * values;
      const inline = at + entryBytes - valueBytes;
      const place = size <= valueBytes ? inline : this.#pointer(inline, isBig);
      if (size === 0 || place + size > view.byteLength) continue;
      this.#places.set(view.getUint16(at, little), { type, count: values, at: place });
    }
    this.next = this.#pointer(end, isBig);
  }

  #pointer(at: number, isBig: boolean): number {
    return isBig ? bigNumber(this.#view, at, this.#little) : this.#view.getUint32(at, this.#little);
  }

  /** All values of a tag; none where it is not there. */
  numbers(tag: number): number[] {
    const place = this.#places.get(tag);
    if (!place) return [];
    const size = sizes[place.type]!;
    return Array.from({ length: place.count }, (_, i) => {
      const at = place.at + size * i;
      if (size === 1) return this.#view.getUint8(at);
      if (size === 2) return this.#view.getUint16(at, this.#little);
      return size === 4 ? this.#view.getUint32(at, this.#little) : bigNumber(this.#view, at, this.#little);
    });
  }

  /** The first value of a tag, or what it is where it is not there. */
  number(tag: number, missing: number): number {
    return this.numbers(tag)[0] ?? missing;
  }
}

const bigNumber = (view: DataView, at: number, little: boolean): number =>
  Number(view.getBigUint64(at, little));

/** A file's directories, each a page, a preview or a smaller copy of one. @throws UnreadableImage where it is no TIFF file */
export function directories(bytes: Uint8Array): { readonly all: Directory[]; readonly little: boolean } {
  if (bytes.length < 16) throw truncated();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = bytes[0] === 0x49;
  const version = view.getUint16(2, little);
  if (version !== 42 && version !== 43) throw truncated();
  const isBig = version === 43;
  const all: Directory[] = [];
  const seen = new Set<number>();
  let entries = 0;
  for (let at = isBig ? bigNumber(view, 8, little) : view.getUint32(4, little); at !== 0; ) {
    if (seen.has(at)) throw truncated();
    seen.add(at);
    const directory = new Directory(view, at, little, isBig);
    all.push(directory);
    entries += directory.entries;
    // Directories that lie over each other would take as long as the square of the file's size.
    if (12 * entries > bytes.length) throw truncated();
    at = directory.next;
  }
  return { all, little };
}
