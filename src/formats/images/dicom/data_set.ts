import { truncated, UnreadableImage } from '../raw_image.ts';

/** How elements are written. */
export interface Encoding {
  readonly explicit: boolean;
  readonly littleEndian: boolean;
}

/** An element of a data set: its type, two letters or none in implicit files, and where its value lies. */
export interface Element {
  readonly type: string;
  readonly start: number;
  /** Behind its last byte; of a value of undefined length, behind its end mark. */
  readonly end: number;
  /** Whether its length is undefined: items until an end mark. */
  readonly open: boolean;
}

/** A tag as one number: group 0028, element 0010 is 0x00280010. */
export type Tag = number;

export const tags = {
  pixelData: 0x7fe00010,
  floatPixelData: 0x7fe00008,
  doublePixelData: 0x7fe00009,
} as const;
const item = 0xfffee000;
const itemEnd = 0xfffee00d;
const sequenceEnd = 0xfffee0dd;
const undefinedLength = 0xffffffff;

/** Types whose length takes four bytes, behind two that are reserved (DICOM PS3.5, table 7.1-1). */
const longTypes = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);

/** Sequences in sequences: real files have a handful. */
const deepest = 32;

/** The elements of a DICOM data set, or of an item in one, as places in the file's bytes; nothing is copied. */
export class DataSet {
  readonly bytes: Uint8Array;
  readonly encoding: Encoding;
  readonly view: DataView;
  readonly #elements = new Map<Tag, Element>();
  readonly #items = new Map<Tag, DataSet[]>();
  readonly #depth: number;

  /**
   * Walks the elements between two places, up to and with the pixels.
   * @throws UnreadableImage where an element does not fit
   */
  constructor(bytes: Uint8Array, encoding: Encoding, start = 0, end = bytes.length, depth = 0) {
    this.bytes = bytes;
    this.encoding = encoding;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#depth = depth;
    // Fewer bytes than an element's head at the end are padding.
    for (let at = start; at + 8 <= end; ) {
      const { tag, element } = this.#read(at, end);
      if (tag === itemEnd || tag === sequenceEnd) break;
      this.#elements.set(tag, element);
      at = element.end;
      const isPixels = tag >= tags.floatPixelData && tag <= tags.pixelData;
      if (depth === 0 && isPixels) break;
    }
  }

  /** The element of a tag; undefined where there is none. */
  find(tag: Tag): Element | undefined {
    return this.#elements.get(tag);
  }

  /** Texts of an element, of which a backslash separates several; none where it is not there. */
  texts(tag: Tag): string[] {
    const element = this.#elements.get(tag);
    if (!element || element.open || element.end - element.start > 1 << 16) return [];
    const text = new TextDecoder('latin1').decode(this.bytes.subarray(element.start, element.end));
    return text.split('\\').map((part) => part.replace(/\0/g, '').trim());
  }

  /** The first text of an element; empty where it is not there. */
  text(tag: Tag): string {
    return this.texts(tag)[0] ?? '';
  }

  /** The first number of an element that is written as text; undefined where none is there. */
  decimal(tag: Tag): number | undefined {
    const text = this.text(tag);
    const value = Number(text.replace(',', '.'));
    return text !== '' && Number.isFinite(value) ? value : undefined;
  }

  /** Whole numbers of 16 bits. @param signed whether they may be negative */
  shorts(tag: Tag, signed = false): number[] {
    const element = this.#elements.get(tag);
    if (!element || element.open) return [];
    const { littleEndian } = this.encoding;
    const length = Math.min(64, (element.end - element.start) >> 1);
    return Array.from({ length }, (_, i) => {
      const at = element.start + 2 * i;
      return signed ? this.view.getInt16(at, littleEndian) : this.view.getUint16(at, littleEndian);
    });
  }

  /** The first number of 16 bits; undefined where there is none. */
  short(tag: Tag, signed = false): number | undefined {
    return this.shorts(tag, signed)[0];
  }

  /** The items of a sequence; none where it is not there. */
  items(tag: Tag): DataSet[] {
    const known = this.#items.get(tag);
    if (known) return known;
    const element = this.#elements.get(tag);
    const found: DataSet[] = [];
    this.#items.set(tag, found);
    if (!element) return found;
    // Items of unknown type are implicit inside, whatever the file is (PS3.5, 6.2.2).
    const encoding = element.type === 'UN' ? { explicit: false, littleEndian: true } : this.encoding;
    const { littleEndian } = encoding;
    for (let at = element.start; at + 8 <= element.end; ) {
      if (this.#tagAt(at, littleEndian) !== item) break;
      const length = this.view.getUint32(at + 4, littleEndian);
      const end = this.#itemEnd(at, element.end, encoding, this.#depth + 1);
      const inner = length === undefinedLength ? end - 8 : end;
      found.push(new DataSet(this.bytes, encoding, at + 8, inner, this.#depth + 1));
      at = end;
    }
    return found;
  }

  /** The pieces of encapsulated pixels; the first is the table of offsets, which may be empty. */
  fragments(element: Element): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    for (let at = element.start; at + 8 <= element.end; ) {
      if (this.#tagAt(at, true) !== item) break;
      const length = this.view.getUint32(at + 4, true);
      if (at + 8 + length > element.end) throw truncated();
      pieces.push(this.bytes.subarray(at + 8, at + 8 + length));
      at += 8 + length;
    }
    return pieces;
  }

  #tagAt(at: number, littleEndian: boolean): Tag {
    return this.view.getUint16(at, littleEndian) * 0x10000 + this.view.getUint16(at + 2, littleEndian);
  }

  #read(at: number, end: number): { tag: Tag; element: Element } {
    return this.#readAs(at, end, this.encoding, this.#depth);
  }

  #readAs(at: number, end: number, encoding: Encoding, depth: number): { tag: Tag; element: Element } {
    const { littleEndian } = encoding;
    if (at + 8 > end) throw truncated();
    const tag = this.#tagAt(at, littleEndian);
    const isMark = tag >>> 16 === 0xfffe;
    let type = '';
    let head = 8;
    let length = this.view.getUint32(at + 4, littleEndian);
    if (encoding.explicit && !isMark) {
      type = String.fromCharCode(this.bytes[at + 4]!, this.bytes[at + 5]!);
      if (!/^[A-Z]{2}$/.test(type)) throw truncated();
      head = longTypes.has(type) ? 12 : 8;
      if (at + head > end) throw truncated();
      length =
        head === 12 ? this.view.getUint32(at + 8, littleEndian) : this.view.getUint16(at + 6, littleEndian);
    }
    const start = at + head;
    if (length === undefinedLength && !isMark) {
      const inner = type === 'UN' ? { explicit: false, littleEndian: true } : encoding;
      const last =
        tag === tags.pixelData
          ? this.#fragmentsEnd(start, end)
          : this.#sequenceEnd(start, end, inner, depth + 1);
      return { tag, element: { type, start, end: last, open: true } };
    }
    if (start + length > end) throw truncated();
    return { tag, element: { type, start, end: start + length, open: false } };
  }

  /** Where encapsulated pixels end: behind their mark, or with the file where that is missing. */
  #fragmentsEnd(start: number, end: number): number {
    for (let at = start; at + 8 <= end; ) {
      const tag = this.#tagAt(at, true);
      if (tag === sequenceEnd) return at + 8;
      const length = this.view.getUint32(at + 4, true);
      if (tag !== item || at + 8 + length > end) throw truncated();
      at += 8 + length;
    }
    return end;
  }

  /** Where a sequence of undefined length ends: behind its mark. */
  #sequenceEnd(start: number, end: number, encoding: Encoding, depth: number): number {
    for (let at = start; at + 8 <= end; ) {
      const tag = this.#tagAt(at, encoding.littleEndian);
      if (tag === sequenceEnd) return at + 8;
      if (tag !== item) throw truncated();
      at = this.#itemEnd(at, end, encoding, depth);
    }
    throw truncated();
  }

  /** Where an item ends whose head is at a place. */
  #itemEnd(at: number, end: number, encoding: Encoding, depth: number): number {
    if (depth > deepest) throw new UnreadableImage('damaged (sequences nested too deeply)');
    const length = this.view.getUint32(at + 4, encoding.littleEndian);
    if (length !== undefinedLength) {
      if (at + 8 + length > end) throw truncated();
      return at + 8 + length;
    }
    for (let inner = at + 8; ; ) {
      const { tag, element } = this.#readAs(inner, end, encoding, depth);
      if (tag === itemEnd) return element.end;
      inner = element.end;
    }
  }
}
