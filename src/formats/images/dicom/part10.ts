import { inflate } from '../inflate.ts';
import { mostPixels, truncated, UnreadableImage } from '../raw_image.ts';
import { DataSet, type Encoding } from './data_set.ts';
import {
  explicitBig,
  explicitLittle,
  implicitLittle,
  type TransferSyntax,
  transferSyntax,
} from './transfer_syntax.ts';

const preamble = 128;
const syntaxTag = 0x00020010;
const storedClassTag = 0x00020002;

/** A file's data set, and what the meta information in front of it says. */
export interface Part10 {
  readonly data: DataSet;
  readonly syntax: TransferSyntax;
  /** Which kind of object it is, as an identifier; empty where the file does not say. */
  readonly storedClass: string;
}

/**
 * Reads a DICOM file (PS3.10) up to its pixels: with the preamble and `DICM` or, as older programs wrote, without, with
 * meta information or without.
 * @throws UnreadableImage where it is none, or ends early
 */
export async function readPart10(bytes: Uint8Array): Promise<Part10> {
  const isPart10 = String.fromCharCode(...bytes.subarray(preamble, preamble + 4)) === 'DICM';
  const start = isPart10 ? preamble + 4 : 0;
  const metaEnd = endOfMeta(bytes, start);
  const meta = new DataSet(bytes, explicitLittle, start, metaEnd);
  const uid = meta.text(syntaxTag);
  const syntax = uid === '' ? guessSyntax(bytes, metaEnd) : transferSyntax(uid);
  const storedClass = meta.text(storedClassTag);
  if (!syntax.deflated)
    return { data: new DataSet(bytes, encodingOf(bytes, metaEnd, syntax), metaEnd), syntax, storedClass };
  // Nothing readable is larger than the most pixels, of three colours of 16 bits, and what describes them.
  const whole = await inflate(bytes.subarray(metaEnd), 'deflate-raw', 6 * mostPixels + (1 << 24));
  return { data: new DataSet(whole, explicitLittle), syntax, storedClass };
}

/** Where the meta information ends: its elements are of group 2, and in every file explicit, low byte first. */
function endOfMeta(bytes: Uint8Array, start: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const longTypes = /^(OB|OW|UN|SQ|UT)$/;
  let at = start;
  while (at + 8 <= bytes.length && view.getUint16(at, true) === 2) {
    const type = String.fromCharCode(bytes[at + 4]!, bytes[at + 5]!);
    if (!/^[A-Z]{2}$/.test(type)) break;
    const isLong = longTypes.test(type);
    if (isLong && at + 12 > bytes.length) throw truncated();
    at += isLong ? 12 + view.getUint32(at + 8, true) : 8 + view.getUint16(at + 6, true);
  }
  if (at > bytes.length) throw truncated();
  return at;
}

/** How a data set is written that no meta information describes: by its first element. */
function guessSyntax(bytes: Uint8Array, at: number): TransferSyntax {
  if (at + 8 > bytes.length) throw new UnreadableImage('not a DICOM file');
  if (isExplicit(bytes, at)) return bytes[at] === 0 ? explicitBig : explicitLittle;
  return implicitLittle;
}

const isExplicit = (bytes: Uint8Array, at: number): boolean =>
  /^(AE|AS|AT|CS|DA|DS|DT|FL|FD|IS|LO|LT|OB|OW|PN|SH|SL|SQ|SS|ST|TM|UI|UL|UN|US|UT)$/.test(
    String.fromCharCode(bytes[at + 4] ?? 0, bytes[at + 5] ?? 0),
  );

/** Some programs announce explicit elements and write implicit ones, or the reverse; the first element tells. */
function encodingOf(bytes: Uint8Array, at: number, syntax: TransferSyntax): Encoding {
  const { littleEndian } = syntax;
  return littleEndian ? { explicit: isExplicit(bytes, at), littleEndian } : { explicit: true, littleEndian };
}
