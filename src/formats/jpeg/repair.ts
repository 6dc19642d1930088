import { type HuffmanTable, readHuffmanTables } from './huffman.ts';
import { countUnits, endOfUnits } from './scan_data.ts';
import {
  type Frame,
  isRestart,
  markerStart,
  markers,
  nextMarker,
  readFrame,
  readScan,
  type Scan,
  standsAlone,
} from './segments.ts';

/** A file that libjpeg no longer warns of. */
export interface RepairedJpeg {
  readonly bytes: Uint8Array;
  /** Whether every block was followed to its end; of progressive files only the decoder tells. */
  readonly isComplete: boolean;
}

/**
 * Walks through a JPEG file. `damaged` where data are missing, `whole` where libjpeg has nothing to warn of.
 *
 * Otherwise the file without what libjpeg warns of although all pixels are there: bytes between segments, scan headers of
 * Samsung's cameras, versions of JFIF that never were, unknown colour transforms of Adobe's marker, bytes behind the codes
 * of a scan, a missing end. What it warns of in such a file is damage.
 *
 * Segments that are only odd are written as libjpeg takes them; codes are never changed. The codes of sequential scans are
 * followed to the last block, so that no file is taken for complete which is not: a decoder that shrinks images does not
 * look at all of them.
 */
export function inspectedJpeg(bytes: Uint8Array): 'damaged' | 'whole' | RepairedJpeg {
  if (bytes[0] !== markerStart || bytes[1] !== markers.startOfImage) return 'damaged';
  const walk = new Walk(bytes);
  if (!walk.toEnd()) return 'damaged';
  return walk.changed ? { bytes: walk.repaired(), isComplete: walk.isFollowed } : 'whole';
}

/** The file that libjpeg does not warn of; undefined where it does not warn, or data are missing. See `inspectedJpeg`. */
export function repairedJpeg(bytes: Uint8Array): RepairedJpeg | undefined {
  const found = inspectedJpeg(bytes);
  return typeof found === 'string' ? undefined : found;
}

class Walk {
  readonly #bytes: Uint8Array;
  readonly #kept: Uint8Array[];
  readonly #tables = new Map<number, HuffmanTable>();
  /** Bits that are still missing of each coefficient, component by component. */
  readonly #missing = new Map<number, Uint8Array>();
  #frame: Frame | undefined;
  #restartInterval = 0;
  #isFourfold: boolean | undefined;
  changed = false;

  /** Whether all codes were followed, block by block. */
  get isFollowed(): boolean {
    return this.#frame?.progressive === false;
  }

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#kept = [bytes.subarray(0, 2)];
  }

  /** Walks through the whole file. @returns false where data are missing */
  toEnd(): boolean {
    const bytes = this.#bytes;
    for (let at = 2; ; ) {
      const from = at;
      // Padding, and any number of bytes of ones in front of a marker.
      while (at < bytes.length && !(bytes[at] === markerStart && isMarker(bytes[at + 1]))) at++;
      if (at > from) this.changed = true;
      const marker = bytes[at + 1];
      if (marker === undefined) return this.#end(false);
      if (marker === markers.endOfImage) return this.#end(true);
      if (standsAlone(marker)) {
        this.changed = true;
        at += 2;
        continue;
      }
      if (at + 4 > bytes.length) return false;
      const end = at + 2 + 256 * bytes[at + 2]! + bytes[at + 3]!;
      if (end < at + 4 || end > bytes.length) return false;
      const segment = this.#segment(marker, bytes.subarray(at, end));
      if (!segment) return false;
      if (segment !== true) {
        this.#kept.push(segment.header);
        const next = this.#codes(segment.scan, end);
        if (next === undefined) return false;
        at = next;
        continue;
      }
      at = end;
    }
  }

  repaired(): Uint8Array {
    const whole = new Uint8Array(this.#kept.reduce((sum, part) => sum + part.length, 0));
    let to = 0;
    for (const part of this.#kept) {
      whole.set(part, to);
      to += part.length;
    }
    return whole;
  }

  /** @param marked whether the file says itself that it ends here */
  #end(marked: boolean): boolean {
    if (!marked) this.changed = true;
    this.#kept.push(Uint8Array.of(markerStart, markers.endOfImage));
    // A file that was cut between two scans shows all of the picture, of some colours or not sharp.
    return marked || this.#isComplete();
  }

  #isComplete(): boolean {
    const components = this.#frame?.components ?? [];
    const isWhole = (id: number) => this.#missing.get(id)?.every((bits) => bits === 0) === true;
    return components.length > 0 && components.every(({ id }) => isWhole(id));
  }

  /** Takes a segment; a scan's is given back with what it says. @returns false where it is damaged */
  #segment(marker: number, segment: Uint8Array): boolean | { header: Uint8Array; scan: Scan } {
    const body = segment.subarray(4);
    if (marker === markers.startOfScan) {
      const scan = this.#frame && readScan(this.#frame, body);
      return scan ? this.#scanHeader(segment, scan) : false;
    }
    if (marker === markers.huffmanTables && !readHuffmanTables(body, this.#tables)) return false;
    if (marker === markers.restartInterval) this.#restartInterval = 256 * (body[0] ?? 0) + (body[1] ?? 0);
    if (marker === markers.baseline || marker === markers.extended || marker === markers.progressive) {
      this.#frame = readFrame(marker, body);
      if (!this.#frame) return false;
      for (const { id } of this.#frame.components) this.#missing.set(id, new Uint8Array(64).fill(16));
    }
    this.#kept.push(this.#asTaken(marker, segment));
    return true;
  }

  /** An odd segment as libjpeg takes it (jdmarker.c, jdapimin.c), any other as it is. */
  #asTaken(marker: number, segment: Uint8Array): Uint8Array {
    const body = segment.subarray(4);
    if (marker === markers.jfif && startsWith(body, 'JFIF\0') && body.length >= 14 && body[5] !== 1)
      return this.#replaced(segment, 4 + 5, 1);
    if (marker === markers.adobe && startsWith(body, 'Adobe') && body.length >= 12 && body[11]! > 2)
      return this.#replaced(segment, 4 + 11, (this.#isFourfold ??= this.#fourComponents()) ? 2 : 1);
    return segment;
  }

  /** Whether the frame has four components; its header may stand behind the segment that asks. */
  #fourComponents(): boolean {
    const bytes = this.#bytes;
    for (let at = 2; at + 10 <= bytes.length; ) {
      if (bytes[at] !== markerStart || !isMarker(bytes[at + 1])) at++;
      else if (bytes[at + 1]! >= markers.baseline && bytes[at + 1]! <= markers.progressive)
        return bytes[at + 9] === 4;
      else at += standsAlone(bytes[at + 1]!) ? 2 : 2 + 256 * bytes[at + 2]! + bytes[at + 3]!;
    }
    return false;
  }

  #replaced(segment: Uint8Array, at: number, value: number): Uint8Array {
    const copy = segment.slice();
    copy[at] = value;
    this.changed = true;
    return copy;
  }

  #scanHeader(segment: Uint8Array, scan: Scan): { header: Uint8Array; scan: Scan } {
    const { first, last, low, parts } = scan;
    const sequential = !this.#frame!.progressive;
    for (const { component } of parts) {
      const missing = this.#missing.get(component.id)!;
      if (sequential) missing.fill(0);
      else for (let k = first; k <= Math.min(last, 63); k++) missing[k] = Math.min(missing[k]!, low);
    }
    const at = 4 + 1 + 2 * parts.length;
    const odd = sequential && (first !== 0 || last !== 63 || segment[at + 2] !== 0);
    if (!odd) return { header: segment, scan };
    const header = segment.slice();
    header.set([0, 63, 0], at);
    this.changed = true;
    return { header, scan };
  }

  /** Keeps the codes of a scan, without bytes behind them. @returns where the next segment begins; undefined without all codes */
  #codes(scan: Scan, start: number): number | undefined {
    const end = nextMarker(this.#bytes, start);
    if (this.#frame!.progressive) {
      this.#kept.push(this.#bytes.subarray(start, end));
      return end;
    }
    return this.#sequentialCodes(scan, start, end) ? end : undefined;
  }

  /** Keeps the codes between restarts, each part to its last block. @returns false where some are missing */
  #sequentialCodes(scan: Scan, start: number, end: number): boolean {
    const bytes = this.#bytes;
    const interval = this.#restartInterval;
    for (let units = countUnits(this.#frame!, scan), at = start; ; ) {
      const wanted = interval > 0 ? Math.min(interval, units) : units;
      const border = interval > 0 ? nextRestart(bytes, at, end) : end;
      const last = endOfUnits(bytes, at, border, scan, this.#tables, wanted);
      if (last === undefined) return false;
      if (last < border) this.changed = true;
      units -= wanted;
      this.#kept.push(bytes.subarray(at, last));
      if (units === 0) {
        if (border < end) this.changed = true;
        return true;
      }
      if (border === end) return false;
      this.#kept.push(bytes.subarray(border, border + 2));
      at = border + 2;
    }
  }
}

const isMarker = (byte: number | undefined): boolean =>
  byte !== undefined && byte !== 0 && byte !== markerStart;

/** Where the next restart stands; the end where there is none. */
function nextRestart(bytes: Uint8Array, from: number, end: number): number {
  for (
    let at = bytes.indexOf(markerStart, from);
    at >= 0 && at < end;
    at = bytes.indexOf(markerStart, at + 1)
  )
    if (isRestart(bytes[at + 1]!)) return at;
  return end;
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return bytes.length >= text.length && [...text].every((letter, i) => letter.charCodeAt(0) === bytes[i]);
}
