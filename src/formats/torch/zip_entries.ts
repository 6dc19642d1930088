import { UserError } from '../../errors.ts';
import { quote } from '../quote.ts';

// A zip archive's entries, by its central directory alone: writers that stream, PyTorch's among them, leave the sizes in
// front of the data at 0. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, sections 4.3.7 to 4.3.16

/** A file in an archive. */
export interface ZipEntry {
  /** How it is compressed, by the format's number; 0 is not at all. */
  readonly method: number;
  /** Its bytes as they lie in the archive, a view. */
  readonly bytes: Uint8Array;
}

const signature = { local: 0x04034b50, central: 0x02014b50, end: 0x06054b50, end64: 0x06064b50 };
const endBytes = 22;
const locator64Bytes = 20;
const longestComment = 0xffff;
const centralBytes = 46;
const localBytes = 30;
const zip64Field = 1;

/** Whether the bytes begin like a zip archive: with an entry, or with the end of an archive without one. */
export function beginsLikeZip(bytes: Uint8Array): boolean {
  const [p, k, a, b] = bytes;
  return p === 0x50 && k === 0x4b && ((a === 3 && b === 4) || (a === 5 && b === 6));
}

/**
 * The entries of a zip archive by their paths, in the order of its directory; zip64 too.
 * @param file its name, for error messages
 * @throws UserError where the archive is not whole, is encrypted or lies in several files
 */
export function zipEntries(bytes: Uint8Array, file: string): Map<string, ZipEntry> {
  const refuse = (reason: string): never => {
    throw new UserError(`${file} is a damaged zip archive (${reason}): download, copy or save it again`);
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const directory = findDirectory(view, file, refuse);
  const entries = new Map<string, ZipEntry>();
  const text = new TextDecoder('utf-8', { ignoreBOM: true });
  let at = directory.begin;
  for (let i = 0; i < directory.count; i++) {
    if (at + centralBytes > directory.end || view.getUint32(at, true) !== signature.central) {
      return refuse(`its directory ends after ${i} of ${directory.count} entries`);
    }
    const nameAt = at + centralBytes;
    const extraAt = nameAt + view.getUint16(at + 28, true);
    const next = extraAt + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (next > directory.end) return refuse(`entry ${i} of its directory reaches beyond the directory`);
    const name = text.decode(bytes.subarray(nameAt, extraAt));
    if (view.getUint16(at + 8, true) & 1) return refuse(`its entry ${quote(name)} is encrypted`);
    if (entries.has(name)) return refuse(`it holds ${quote(name)} twice`);
    const { size, offset } = placeOf(view, at, extraAt);
    const begin = dataBegin(view, offset);
    if (begin === undefined || begin + size > bytes.length) {
      return refuse(
        `its entry ${quote(name)} of ${size} bytes at byte ${offset} is not within the file's ${bytes.length} bytes`,
      );
    }
    entries.set(name, {
      method: view.getUint16(at + 10, true),
      bytes: bytes.subarray(begin, begin + size),
    });
    at = next;
  }
  return entries;
}

/** Where the directory lies and how many entries it says to have. */
function findDirectory(view: DataView, file: string, refuse: (reason: string) => never) {
  const length = view.byteLength;
  // From the back: what stands behind may be a comment, or what a careless copy added.
  const last = length - endBytes;
  let end = last;
  while (end >= 0 && view.getUint32(end, true) !== signature.end) {
    if (--end < last - longestComment) end = -1;
  }
  if (end < 0) {
    throw new UserError(
      `${file} is only the beginning of a zip archive, as PyTorch's files are (${length} bytes are there, and the ` +
        'directory that ends an archive is not): download or copy it again',
    );
  }
  const count = view.getUint16(end + 10, true);
  const size = view.getUint32(end + 12, true);
  const begin = view.getUint32(end + 16, true);
  let found = { count, begin, end: begin + size, limit: end };
  if (count === 0xffff || size === 0xffffffff || begin === 0xffffffff) {
    const locator = end - locator64Bytes;
    const end64 = locator < 0 ? Number.POSITIVE_INFINITY : Number(view.getBigUint64(locator + 8, true));
    if (end64 + 56 > locator || view.getUint32(end64, true) !== signature.end64) {
      return refuse('its end names a directory that is not there');
    }
    const wide = (at: number) => Number(view.getBigUint64(end64 + at, true));
    found = { count: wide(32), begin: wide(48), end: wide(48) + wide(40), limit: end64 };
  }
  if (found.end > found.limit) {
    return refuse(`its directory should end at byte ${found.end}, beyond the ${length} bytes that are there`);
  }
  return found;
}

/** An entry's size in the archive and the place of its header, which a zip64 field holds where 32 bits do not. */
function placeOf(view: DataView, at: number, extraAt: number): { size: number; offset: number } {
  const extraEnd = extraAt + view.getUint16(at + 30, true);
  let size = view.getUint32(at + 20, true);
  let offset = view.getUint32(at + 42, true);
  for (let field = extraAt; field + 4 <= extraEnd; field += 4 + view.getUint16(field + 2, true)) {
    if (view.getUint16(field, true) !== zip64Field) continue;
    const fieldEnd = Math.min(field + 4 + view.getUint16(field + 2, true), extraEnd);
    // Only those of the three that did not fit are there, in this order.
    let wide = field + 4;
    const next = (narrow: number) => {
      if (narrow !== 0xffffffff || wide + 8 > fieldEnd) return narrow;
      wide += 8;
      return Number(view.getBigUint64(wide - 8, true));
    };
    next(view.getUint32(at + 24, true));
    size = next(size);
    offset = next(offset);
    break;
  }
  return { size, offset };
}

/** Where an entry's data begin: behind its own header, whose name and extra field may differ from the directory's. */
function dataBegin(view: DataView, offset: number): number | undefined {
  if (offset + localBytes > view.byteLength || view.getUint32(offset, true) !== signature.local) return;
  return offset + localBytes + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
}
