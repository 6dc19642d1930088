import { UserError } from '../errors.ts';
import { toNumbers } from '../numerics/half.ts';
import { quote } from './quote.ts';
import { isObject, parseHeader } from './safetensors_header.ts';

// The safetensors format: a 64-bit little-endian header length, a JSON header that gives each tensor's dtype, shape and
// byte range, then the bytes of all tensors without a gap, little-endian as on every machine that runs WebGPU.
// https://huggingface.co/docs/safetensors

/** A tensor of a safetensors file. */
export interface StoredTensor {
  /** Type of the elements, as the format names it. */
  readonly dtype: StoredDtype;
  /** Sides, row-major; none for a single number. */
  readonly shape: readonly number[];
  /** As many elements as the product of the shape, in an array of the dtype's own kind. */
  readonly data: StoredData;
}

/** The array that holds elements of a dtype. */
const arrays = {
  F64: Float64Array,
  F32: Float32Array,
  I64: BigInt64Array,
  U64: BigUint64Array,
  I32: Int32Array,
  U32: Uint32Array,
  I16: Int16Array,
  U16: Uint16Array,
  I8: Int8Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
} as const;

/** The dtypes that tensors are read as; F16 and BF16 are read as F32. */
export type StoredDtype = keyof typeof arrays;
/** Elements of any dtype. */
export type StoredData = InstanceType<(typeof arrays)[StoredDtype]>;

/** A tensor of half-width floats, to be written: the bits of each, as `toHalves` gives them. */
export interface HalfTensor {
  /** IEEE 754 binary16. */
  readonly dtype: 'F16';
  /** Sides, row-major. */
  readonly shape: readonly number[];
  /** As many elements as the product of the shape. */
  readonly data: Uint16Array;
}

/** What a safetensors file holds. */
export interface SafetensorsContent {
  /** In the order of their bytes. */
  readonly tensors: Map<string, StoredTensor>;
  /** Without a prototype, so that any key is only a key. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Half-width floats are read only, widened to F32, which holds all their values. */
const widened: Record<string, (bits: Uint16Array) => Float32Array<ArrayBuffer>> = {
  F16: toNumbers,
  BF16: bfloat16ToNumbers,
};

const maxHeaderBytes = 100_000_000;
const metadataKey = '__metadata__';

/**
 * The bytes of a safetensors file. The same tensors give the same bytes whatever their order: wide dtypes come
 * first, so that all are aligned, then names by code unit; the header is padded with spaces to a multiple of 8.
 * @throws RangeError for a tensor whose data do not fit its dtype and shape, or a header over the format's 100 MB
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, StoredTensor | HalfTensor>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  const sorted = [...tensors].sort(
    ([nameA, a], [nameB, b]) =>
      b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT || (nameA < nameB ? -1 : nameA > nameB ? 1 : 0),
  );
  // Written entry by entry: an object would reorder names that look like numbers.
  const entries: string[] = [];
  if (metadata) {
    const ordered = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    const fields = ordered.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
    entries.push(`"${metadataKey}":{${fields.join(',')}}`);
  }
  let end = 0;
  for (const [name, { dtype, shape, data }] of sorted) {
    const size = shape.reduce((product, side) => product * side, 1);
    const kind = dtype === 'F16' ? Uint16Array : arrays[dtype];
    if (name === metadataKey || !(data instanceof kind) || size !== data.length) {
      throw new RangeError(
        `safetensors: ${name} of dtype ${dtype}, shape [${shape}] and ${data.length} elements`,
      );
    }
    const entry = { dtype, shape, data_offsets: [end, (end += data.byteLength)] };
    entries.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
  }
  const json = new TextEncoder().encode(`{${entries.join(',')}}`);
  const headerBytes = Math.ceil(json.length / 8) * 8;
  if (headerBytes > maxHeaderBytes) {
    throw new RangeError(`safetensors: a header of ${headerBytes} bytes is over the format's 100 MB`);
  }
  const bytes = new Uint8Array(8 + headerBytes + end).fill(0x20, 8, 8 + headerBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.set(json, 8);
  let at = 8 + headerBytes;
  for (const [, { data }] of sorted) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/**
 * Reads a safetensors file; nothing it says is believed before it is checked, and what is allocated stays within a
 * small multiple of the file's own size. F16 and BF16 come back as F32. The data are copies.
 * @param file its name, for error messages
 * @throws UserError for every way in which the bytes are not a whole, well-formed file
 */
export function decodeSafetensors(bytes: Uint8Array, file: string): SafetensorsContent {
  const { entries, metadata } = locateTensors(bytes, bytes.length, file);
  return { tensors: new Map(entries.map((entry) => [entry.name, readTensor(entry, bytes)])), metadata };
}

/**
 * Where the tensors of a safetensors file lie, so that one can be read without the others.
 * @param head the file's first bytes, the header at least (see `safetensorsHead`)
 * @param size bytes of the whole file
 * @param file its name, for error messages
 * @throws UserError as `decodeSafetensors`
 */
export function locateTensors(
  head: Uint8Array,
  size: number,
  file: string,
): { readonly entries: readonly TensorPlace[]; readonly metadata: SafetensorsContent['metadata'] } {
  const refuse: Refuse = (reason) => {
    throw new UserError(`${file} is not a valid safetensors file (${reason}): download or export it again`);
  };
  if (size < 8 || head.length < 8) return refuse(`it has ${size} bytes, too few for a header`);
  const stated = statedHeaderBytes(head);
  if (stated > maxHeaderBytes) return refuse(`its header of ${stated} bytes is over the format's 100 MB`);
  const start = 8 + Number(stated);
  if (start > size) return refuse(`its header of ${stated} bytes reaches beyond the file's ${size} bytes`);
  const header = parseHeader(head.subarray(8, start), refuse);

  const metadata: Record<string, string> = Object.create(null);
  const entries: TensorPlace[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name !== metadataKey) {
      entries.push(readEntry(name, value, refuse));
      continue;
    }
    if (!isObject(value)) return refuse('its __metadata__ is not an object');
    for (const [key, text] of Object.entries(value)) {
      if (typeof text !== 'string') return refuse(`the value of ${quote(key)} in __metadata__ is not text`);
      metadata[key] = text;
    }
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  requireCover(entries, size - start, refuse);
  const placed = entries.map((entry) => ({
    ...entry,
    begin: start + entry.begin,
    end: start + entry.end,
  }));
  return { entries: placed, metadata };
}

/** Whether the bytes begin as a safetensors file does: a header's length, not over the format's 100 MB, and its '{'. */
export function beginsLikeSafetensors(bytes: Uint8Array): boolean {
  if (bytes.length < 9 || bytes[8] !== 0x7b) return false;
  return new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true) <= maxHeaderBytes;
}

/** How many bytes `locateTensors` needs, by a file's first eight. */
export function safetensorsHead(first: Uint8Array): number {
  return first.length < 8 ? first.length : 8 + Math.min(Number(statedHeaderBytes(first)), maxHeaderBytes);
}

const statedHeaderBytes = (first: Uint8Array): bigint =>
  new DataView(first.buffer, first.byteOffset, first.length).getBigUint64(0, true);

type Refuse = (reason: string) => never;

/** A tensor's header entry, its dtype known and its size checked. */
export interface TensorPlace {
  /** The tensor's name. */
  readonly name: string;
  /** As the file has it, F16 and BF16 among them. */
  readonly dtype: string;
  /** Sides, row-major. */
  readonly shape: number[];
  /** The first of its bytes in the file. */
  readonly begin: number;
  /** The byte after its last. */
  readonly end: number;
}

function readEntry(name: string, value: unknown, refuse: Refuse): TensorPlace {
  const tensor = `tensor ${quote(name)}`;
  if (!isObject(value)) return refuse(`${tensor} has no description`);
  const { dtype, shape, data_offsets: offsets } = value as Record<string, unknown>;
  if (typeof dtype !== 'string') return refuse(`${tensor} has no dtype`);
  const width = elementBytes(dtype);
  if (width === undefined)
    return refuse(`${tensor} has the dtype ${quote(dtype)}, which kindred does not read`);
  if (!isSizeList(shape)) return refuse(`${tensor} has a shape that is not a list of whole numbers`);
  if (!isSizeList(offsets) || offsets.length !== 2) return refuse(`${tensor} has no begin and end offset`);
  const [begin, end] = offsets as [number, number];
  if (begin > end) return refuse(`${tensor} ends at byte ${end}, before it begins at ${begin}`);
  let size = width;
  for (const side of shape) {
    size *= side;
    if (size > Number.MAX_SAFE_INTEGER) return refuse(`${tensor} has a shape larger than any file`);
  }
  if (size !== end - begin) {
    return refuse(`${tensor} of ${dtype} needs ${size} bytes by its shape but has ${end - begin}`);
  }
  return { name, dtype, shape, begin, end };
}

/** Sorted entries must follow one another from the first byte to the last: no overlap, no hole, nothing left. */
function requireCover(entries: readonly TensorPlace[], length: number, refuse: Refuse): void {
  let reached = 0;
  for (const { name, begin, end } of entries) {
    if (begin < reached) refuse(`tensor ${quote(name)} overlaps the one before it`);
    if (begin > reached) refuse(`bytes ${reached} to ${begin} before tensor ${quote(name)} belong to none`);
    reached = end;
  }
  if (reached > length) refuse(`its tensors need ${reached} bytes but ${length} are there`);
  if (reached < length) refuse(`${length - reached} bytes after the last tensor belong to none`);
}

function readTensor({ dtype, shape, begin, end }: TensorPlace, content: Uint8Array): StoredTensor {
  // A copy: the tensor's bytes need not be aligned in the file. (slice would not copy a Node Buffer.)
  return tensorOfBytes(dtype, shape, Uint8Array.from(content.subarray(begin, end)).buffer);
}

/**
 * A tensor of its little-endian bytes, which it keeps; F16 and BF16 become F32.
 * @param dtype one that `elementBytes` knows
 * @param buffer as long as dtype and shape want it
 */
export function tensorOfBytes(dtype: string, shape: readonly number[], buffer: ArrayBuffer): StoredTensor {
  const widen = widened[dtype];
  if (widen) return { dtype: 'F32', shape, data: widen(new Uint16Array(buffer)) };
  return { dtype: dtype as StoredDtype, shape, data: new arrays[dtype as StoredDtype](buffer) };
}

/** Bytes of an element in the file; undefined for a dtype that is not read. */
export function elementBytes(dtype: string): number | undefined {
  if (Object.hasOwn(widened, dtype)) return 2;
  return Object.hasOwn(arrays, dtype) ? arrays[dtype as StoredDtype].BYTES_PER_ELEMENT : undefined;
}

function isSizeList(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

/** bfloat16: the upper half of a binary32. */
function bfloat16ToNumbers(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const words = new Uint32Array(halves.length);
  for (let i = 0; i < words.length; i++) words[i] = halves[i]! << 16;
  return new Float32Array(words.buffer);
}
