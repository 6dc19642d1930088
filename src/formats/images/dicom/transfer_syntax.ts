/** How a file's elements are written, and its pixels in them. */
export interface TransferSyntax {
  /** The standard's name, as a message says it. */
  readonly name: string;
  /** Whether elements say their type; in implicit files a dictionary has to know it. */
  readonly explicit: boolean;
  readonly littleEndian: boolean;
  /** How the pixels are kept; `unread` where no decoder is here. */
  readonly pixels: 'native' | 'rle' | 'jpeg' | 'unread';
  /** Whether all behind the meta information is one deflate stream. */
  readonly deflated?: boolean;
}

const native = { explicit: true, littleEndian: true, pixels: 'native' } as const;
const unread = (name: string): TransferSyntax => ({
  name,
  explicit: true,
  littleEndian: true,
  pixels: 'unread',
});

/** Elements without types, low byte first: what a file is in that says nothing else. */
export const implicitLittle: TransferSyntax = {
  ...native,
  name: 'Implicit VR Little Endian',
  explicit: false,
};
/** Elements with types, low byte first. */
export const explicitLittle: TransferSyntax = { ...native, name: 'Explicit VR Little Endian' };
/** Elements with types, high byte first; retired. */
export const explicitBig: TransferSyntax = { ...native, name: 'Explicit VR Big Endian', littleEndian: false };

/** Transfer syntaxes by what stands behind `1.2.840.10008.1.2` in their identifiers (DICOM PS3.6, table A-1). */
const syntaxes: Readonly<Record<string, TransferSyntax>> = {
  '': implicitLittle,
  '.1': explicitLittle,
  '.1.99': { ...native, name: 'Deflated Explicit VR Little Endian', deflated: true },
  '.2': explicitBig,
  '.5': { ...native, name: 'RLE Lossless', pixels: 'rle' },
  '.4.50': { ...native, name: 'JPEG Baseline', pixels: 'jpeg' },
  '.4.51': { ...native, name: 'JPEG Extended', pixels: 'jpeg' },
  '.4.57': unread('JPEG Lossless'),
  '.4.70': unread('JPEG Lossless, First-Order Prediction'),
  '.4.80': unread('JPEG-LS Lossless'),
  '.4.81': unread('JPEG-LS Near-Lossless'),
  '.4.90': unread('JPEG 2000 Lossless'),
  '.4.91': unread('JPEG 2000'),
  '.4.92': unread('JPEG 2000 Multi-component Lossless'),
  '.4.93': unread('JPEG 2000 Multi-component'),
  '.4.94': unread('JPIP Referenced'),
  '.4.95': unread('JPIP Referenced Deflate'),
  '.4.100': unread('MPEG-2 video'),
  '.4.101': unread('MPEG-2 video'),
  '.4.102': unread('MPEG-4 video'),
  '.4.103': unread('MPEG-4 video'),
  '.4.104': unread('MPEG-4 video'),
  '.4.105': unread('MPEG-4 video'),
  '.4.106': unread('MPEG-4 video'),
  '.4.107': unread('HEVC video'),
  '.4.108': unread('HEVC video'),
  '.4.110': unread('JPEG XL Lossless'),
  '.4.111': unread('JPEG XL JPEG Recompression'),
  '.4.112': unread('JPEG XL'),
  '.4.201': unread('High-Throughput JPEG 2000 Lossless'),
  '.4.202': unread('High-Throughput JPEG 2000 RPCL Lossless'),
  '.4.203': unread('High-Throughput JPEG 2000'),
};

const root = '1.2.840.10008.1.2';

/** The transfer syntax of an identifier; unknown ones are taken for compressed pixels in explicit elements, as all newer ones are. */
export function transferSyntax(uid: string): TransferSyntax {
  const known = uid.startsWith(root) ? syntaxes[uid.slice(root.length)] : undefined;
  return known ?? unread(`the transfer syntax ${/^[\d.]{1,64}$/.test(uid) ? uid : 'of an unknown name'}`);
}
