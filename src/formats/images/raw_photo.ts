/**
 * Tags that only cameras' raw files have in the first directory of what is otherwise a TIFF file: DNG's version, and the
 * sensor's colour filter as photometric interpretation or as a tag.
 */
const rawTags = new Set([50706, 33421, 33422]);
const photometric = 262;
const compression = 259;
const subfileType = 254;
const subDirectories = 330;
const make = 271;

/** Compressions of Nikon, Sony, Pentax and Samsung. */
const rawCompressions = new Set([34713, 32767, 65535, 32770]);

/**
 * Whether a file that begins as TIFF is a camera's raw photo (DNG, NEF, ARW, PEF, …). Their first directory is a small
 * preview: read as TIFF, every photo would silently be its thumbnail.
 * @param head the file's beginning; where its first directory lies beyond, it is taken for TIFF
 */
export function isRawPhoto(head: Uint8Array): boolean {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length < 10) return false;
  const little = head[0] === 0x49;
  const start = view.getUint32(4, little);
  if (view.getUint16(2, little) !== 42 || start + 2 > head.length) return false;
  const count = view.getUint16(start, little);
  const found = new Map<number, number>();
  for (let i = 0; i < count; i++) {
    const at = start + 2 + 12 * i;
    if (at + 12 > head.length) break;
    const isShort = view.getUint16(at + 2, little) === 3;
    found.set(
      view.getUint16(at, little),
      isShort ? view.getUint16(at + 8, little) : view.getUint32(at + 8, little),
    );
  }
  if ([...rawTags].some((tag) => found.has(tag)) || found.get(photometric) === 32803) return true;
  if (rawCompressions.has(found.get(compression) ?? 0)) return true;
  const isPreview = ((found.get(subfileType) ?? 0) & 1) === 1;
  return isPreview && found.has(subDirectories) && found.has(make);
}
