/** What a camera wrote into a photo about itself and the moment. */
export interface Exif {
  /** Make, model and serial number, as far as they are there. */
  readonly camera: string;
  /** When it was taken, in seconds; of no known time zone, so only differences between photos of one camera mean anything. */
  readonly seconds: number;
}

/** Metadata fill a segment of at most 64 KiB, before the picture: so much of a file holds them. */
export const exifReach = 1 << 17;

/** Tags of Exif 2.3, and in which directory they stand. */
const tags = { make: 0x010f, model: 0x0110, orientation: 0x0112, changed: 0x0132, details: 0x8769 } as const;
const detailTags = { taken: 0x9003, fraction: 0x9291, serial: 0xa431 } as const;

/**
 * Reads camera and time of capture out of a JPEG file's Exif segment (JEITA CP-3451: a TIFF directory).
 * @param bytes the beginning of the file, `exifReach` of it
 * @returns undefined where the file has none, is no JPEG, or says no time
 */
export function readExif(bytes: Uint8Array): Exif | undefined {
  const tiff = exifSegment(bytes);
  if (!tiff) return undefined;
  const start = openDirectory(tiff);
  if (!start) return undefined;
  const { view, little, main } = start;
  const details = directory(view, main.get(tags.details)?.number ?? view.byteLength, little);
  const text = (of: ReadonlyMap<number, Entry>, tag: number) => of.get(tag)?.text ?? '';
  const seconds = secondsOf(text(details, detailTags.taken) || text(main, tags.changed));
  if (seconds === undefined) return undefined;
  const fraction = Number(`0.${text(details, detailTags.fraction)}`);
  const camera = [text(main, tags.make), text(main, tags.model), text(details, detailTags.serial)];
  return {
    camera: camera.filter((part) => part !== '').join(' '),
    seconds: seconds + (fraction >= 0 && fraction < 1 ? fraction : 0),
  };
}

/**
 * How an image lies: 1 as its rows are stored, 2 to 8 mirrored or turned (JEITA CP-3451, tag 274).
 * @param tiff the Exif data, with or without `Exif` and two zeros in front
 */
export function exifOrientation(tiff: Uint8Array): number {
  const start = openDirectory(tiff[0] === 0x45 ? tiff.subarray(6) : tiff);
  const orientation = start?.main.get(tags.orientation)?.number ?? 1;
  return orientation >= 1 && orientation <= 8 ? orientation : 1;
}

/** The first directory of Exif data. */
function openDirectory(tiff: Uint8Array) {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const order = view.byteLength < 8 ? 0 : view.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return undefined;
  const little = order === 0x4949;
  return { view, little, main: directory(view, view.getUint32(4, little), little) };
}

/** The TIFF directory inside a JPEG file's Exif segment. */
export function exifSegment(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined;
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1]!;
    // A marker may be preceded by fill bytes; the picture itself follows on the start of scan.
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === 0xda) return undefined;
    const end = at + 2 + 256 * bytes[at + 2]! + bytes[at + 3]!;
    const isExif = String.fromCharCode(...bytes.subarray(at + 4, at + 10)) === 'Exif\0\0';
    if (marker === 0xe1 && isExif) return bytes.subarray(at + 10, Math.min(end, bytes.length));
    at = end;
  }
  return undefined;
}

/** A directory's entry, as text or as one number. */
interface Entry {
  readonly text?: string;
  readonly number?: number;
}

/** The entries of a directory that are texts or single whole numbers, by their tags; none beyond the bytes. */
function directory(view: DataView, start: number, little: boolean): Map<number, Entry> {
  const entries = new Map<number, Entry>();
  if (start + 2 > view.byteLength) return entries;
  const count = view.getUint16(start, little);
  for (let i = 0; i < count; i++) {
    const at = start + 2 + 12 * i;
    if (at + 12 > view.byteLength) break;
    const [tag, type, length] = [
      view.getUint16(at, little),
      view.getUint16(at + 2, little),
      view.getUint32(at + 4, little),
    ];
    if (type === 3 && length === 1) entries.set(tag, { number: view.getUint16(at + 8, little) });
    if (type === 4 && length === 1) entries.set(tag, { number: view.getUint32(at + 8, little) });
    if (type !== 2) continue;
    const from = length <= 4 ? at + 8 : view.getUint32(at + 8, little);
    if (from + length > view.byteLength) continue;
    const text = new TextDecoder('latin1').decode(
      new Uint8Array(view.buffer, view.byteOffset + from, length),
    );
    entries.set(tag, { text: text.split('\0')[0]!.trim() });
  }
  return entries;
}

/** Seconds of `2026:11:30 16:30:58`. */
function secondsOf(text: string): number | undefined {
  const found = /^(\d{4})[:-](\d\d)[:-](\d\d)[ T](\d\d):(\d\d):(\d\d)/.exec(text);
  if (!found) return undefined;
  const [year, month, day, hour, minute, second] = found.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  // Cameras whose clock was never set write zeros.
  return year === 0 || month === 0 ? undefined : Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
}
