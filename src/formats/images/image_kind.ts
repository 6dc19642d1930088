import { isRawPhoto } from './raw_photo.ts';

/** Kinds of files that hold an image, by their content; the second group is recognised so that a message can name it. */
export type ImageKind =
  | 'png'
  | 'jpeg'
  | 'webp'
  | 'gif'
  | 'bmp'
  | 'tiff'
  | 'avif'
  | 'heic'
  | 'dicom'
  | UnreadKind;

/** Kinds that are recognised and not read. */
export type UnreadKind = keyof typeof unreadKinds;

/** What the kinds that are not read are called in a sentence, in the plural: `3 Photoshop files`. */
export const unreadKinds = {
  psd: 'Photoshop files',
  jxl: 'JPEG XL images',
  jp2: 'JPEG 2000 images',
  raw: "raw photos (a camera's own format)",
  svg: 'SVG drawings',
  pdf: 'PDF documents',
  video: 'videos',
  ico: 'Windows icons',
  pnm: 'PNM images',
  exr: 'OpenEXR images',
  hdr: 'Radiance HDR images',
  dds: 'DirectDraw textures',
  xcf: 'GIMP files',
  fits: 'FITS images',
  nifti: 'NIfTI volumes',
  czi: 'Zeiss CZI images',
  lif: 'Leica LIF images',
  nd2: 'Nikon ND2 images',
  ole: 'files in the container of Olympus OIB and Zeiss ZVI',
} as const;

/** So many bytes of a file's beginning are enough to tell its kind. */
export const kindReach = 4096;

/** A kind and the bytes at the beginning that only it has; `?` is any byte. */
const beginnings: readonly (readonly [kind: ImageKind, bytes: string])[] = [
  ['png', '\x89PNG\r\n\x1a\n'],
  ['jpeg', '\xff\xd8\xff'],
  ['webp', 'RIFF????WEBP'],
  ['gif', 'GIF87a'],
  ['gif', 'GIF89a'],
  ['psd', '8BPS'],
  ['jxl', '\xff\x0a'],
  ['jxl', '\0\0\0\x0cJXL \r\n\x87\n'],
  ['nd2', '\xda\xce\xbe\x0a'],
  ['jp2', '\0\0\0\x0cjP  \r\n\x87\n'],
  ['jp2', '\xff\x4f\xff\x51'],
  ['raw', 'IIU\0'],
  ['raw', 'IIRO'],
  ['raw', 'IIRS'],
  ['raw', 'MMOR'],
  ['raw', 'FUJIFILMCCD-RAW'],
  ['raw', 'FOVb'],
  ['raw', 'II\x1a\0\0\0HEAPCCDR'],
  ['raw', '\0MRM'],
  ['raw', 'II\x2a\0????CR'],
  ['tiff', 'II\x2a\0'],
  ['tiff', 'MM\0\x2a'],
  ['tiff', 'II\x2b\0\x08\0\0\0'],
  ['tiff', 'MM\0\x2b\0\x08\0\0'],
  ['pdf', '%PDF-'],
  ['exr', '\x76\x2f\x31\x01'],
  ['hdr', '#?RADIANCE\n'],
  ['hdr', '#?RGBE\n'],
  ['dds', 'DDS \x7c\0\0\0'],
  ['xcf', 'gimp xcf '],
  ['fits', 'SIMPLE  ='],
  ['nifti', '\x5c\x01\0\0'],
  ['nifti', '\0\0\x01\x5c'],
  ['nifti', '\x1c\x02\0\0n+2\0'],
  ['czi', 'ZISRAWFILE'],
  ['lif', '\x70\0\0\0????\x2a'],
  ['ole', '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'],
  ['video', 'RIFF????AVI '],
  ['video', '\x1a\x45\xdf\xa3'],
  ['video', '\0\0\x01\xba'],
  ['video', '\0\0\x01\xb3'],
  ['video', 'FLV\x01'],
  ['video', '\x30\x26\xb2\x75\x8e\x66\xcf\x11'],
];

/** Brands of ISO base media files (ISO/IEC 14496-12, `ftyp`): which of them hold still images, and of which kind. */
const stillBrands: Readonly<Record<string, ImageKind>> = {
  avif: 'avif',
  avis: 'avif',
  heic: 'heic',
  heix: 'heic',
  heim: 'heic',
  heis: 'heic',
  hevc: 'heic',
  hevx: 'heic',
  'crx ': 'raw',
  'jp2 ': 'jp2',
  'jxl ': 'jxl',
};

/**
 * Tells the kind of an image file by its content.
 * @param head the file's beginning, `kindReach` bytes of it or the whole file; with fewer, kinds that show later are missed
 * @returns undefined for anything else
 */
export function imageKind(head: Uint8Array): ImageKind | undefined {
  // The 128 bytes in front may look like another format's, on purpose: a TIFF header that a viewer of slides reads.
  if (startsWith(head, 'DICM', 128)) return 'dicom';
  const found = beginnings.find(([, bytes]) => startsWith(head, bytes))?.[0];
  if (found === 'tiff') return isRawPhoto(head) ? 'raw' : 'tiff';
  if (found !== undefined) return found;
  return boxKind(head) ?? bitmapKind(head) ?? textKind(head) ?? (isBareDicom(head) ? 'dicom' : undefined);
}

/** Kinds that are read. */
export type ReadKind = Exclude<ImageKind, UnreadKind>;

/**
 * The kind of an image file that is read.
 * @param head as `imageKind` takes it
 * @throws Error with a short reason for other files
 */
export function readableKind(head: Uint8Array): ReadKind {
  if (head.length === 0) throw new Error('empty');
  // Some cameras pad even the first of a JPEG's segments.
  const kind = imageKind(head) ?? (head[0] === 0xff && head[1] === 0xd8 ? 'jpeg' : undefined);
  if (kind === undefined) throw new Error('not an image');
  if (kind in unreadKinds) throw new Error(`${unreadKinds[kind as UnreadKind]} are not read`);
  return kind as ReadKind;
}

function startsWith(head: Uint8Array, bytes: string, from = 0): boolean {
  if (head.length < from + bytes.length) return false;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== '?' && head[from + i] !== bytes.charCodeAt(i)) return false;
  }
  return true;
}

/** ISO base media files: AVIF, HEIC, and whatever else begins with a box of brands is a video. */
function boxKind(head: Uint8Array): ImageKind | undefined {
  if (!startsWith(head, '????ftyp')) {
    const old = ['moov', 'mdat', 'wide', 'skip'];
    return old.some((box) => startsWith(head, box, 4)) ? 'video' : undefined;
  }
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const end = Math.min(view.getUint32(0), head.length);
  const brands: string[] = [];
  for (let at = 8; at + 4 <= end; at += at === 8 ? 8 : 4) {
    brands.push(String.fromCharCode(...head.subarray(at, at + 4)));
  }
  // The first brand is the file's own; `mif1` says only that still images are inside, and the others say which.
  for (const brand of brands) if (stillBrands[brand]) return stillBrands[brand];
  return brands[0] === 'mif1' || brands[0] === 'msf1' ? 'heic' : 'video';
}

/** Kinds whose few first bytes occur in other files too: more of the header has to fit. */
function bitmapKind(head: Uint8Array): ImageKind | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (startsWith(head, 'BM') && head.length >= 26) {
    const header = view.getUint32(14, true);
    const isKnown = header === 12 || (header >= 16 && header <= 64) || header === 108 || header === 124;
    return isKnown ? 'bmp' : undefined;
  }
  if (startsWith(head, '\0\0\x01\0') && head.length >= 22) {
    const count = view.getUint16(4, true);
    return count > 0 && count < 256 && head[9] === 0 ? 'ico' : undefined;
  }
  const isPnm = head.length > 8 && head[0] === 0x50 && head[1]! >= 0x31 && head[1]! <= 0x37;
  return isPnm && /^P[1-7](\s|#)/.test(String.fromCharCode(...head.subarray(0, 3))) ? 'pnm' : undefined;
}

/** SVG is text, behind a byte order mark, a declaration, comments. */
function textKind(head: Uint8Array): ImageKind | undefined {
  if (head.length === 0 || head[0] === 0) return undefined;
  const text = new TextDecoder().decode(head.subarray(0, kindReach)).trimStart();
  return /^(<\?xml|<!--|<!DOCTYPE svg|<svg[\s>])/i.test(text) && /<svg[\s>]/i.test(text) ? 'svg' : undefined;
}

/**
 * Older DICOM files begin with their first element, of group 2 or 8, without `DICM`. The group and a length or a known
 * pair of letters have to fit, in either byte order.
 */
function isBareDicom(head: Uint8Array): boolean {
  if (head.length < 132) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  return [true, false].some((little) => {
    const [group, element] = [view.getUint16(0, little), view.getUint16(2, little)];
    if ((group !== 2 && group !== 8) || element > 0x70) return false;
    const letters = String.fromCharCode(head[4]!, head[5]!);
    if (/^(UL|OB|UI|SH|CS|DA|TM|AE|LO|PN|DT|ST)$/.test(letters)) return true;
    // Implicit little endian: a length of four bytes, of a short text or number.
    return little && view.getUint32(4, true) <= 64;
  });
}
