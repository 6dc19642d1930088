import { toNumbers } from '../../numerics/half.ts';

/** Turns aligned little-endian bytes into float32, each element rounded to the nearest. */
type Decode = (bytes: Uint8Array<ArrayBuffer>) => Float32Array;

type NumberArray = new (
  buffer: ArrayBuffer,
) =>
  | Float64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

const narrowed =
  (Kind: NumberArray): Decode =>
  ({ buffer }) =>
    Float32Array.from(new Kind(buffer));

const long =
  (Kind: new (buffer: ArrayBuffer) => BigInt64Array | BigUint64Array): Decode =>
  ({ buffer }) => {
    const values = new Kind(buffer);
    return Float32Array.from({ length: values.length }, (_, at) => Number(values[at]));
  };

// bfloat16 is the upper half of a binary32.
const brain: Decode = ({ buffer }) =>
  new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer);

/** Kinds of numbers in files of arrays, named as safetensors names them: bytes of one, and how many become float32. */
const kinds = {
  F64: { bytes: 8, decode: narrowed(Float64Array) },
  F32: { bytes: 4, decode: ({ buffer }) => new Float32Array(buffer) },
  F16: { bytes: 2, decode: ({ buffer }) => toNumbers(new Uint16Array(buffer)) },
  BF16: { bytes: 2, decode: brain },
  I64: { bytes: 8, decode: long(BigInt64Array) },
  U64: { bytes: 8, decode: long(BigUint64Array) },
  I32: { bytes: 4, decode: narrowed(Int32Array) },
  U32: { bytes: 4, decode: narrowed(Uint32Array) },
  I16: { bytes: 2, decode: narrowed(Int16Array) },
  U16: { bytes: 2, decode: narrowed(Uint16Array) },
  I8: { bytes: 1, decode: narrowed(Int8Array) },
  U8: { bytes: 1, decode: narrowed(Uint8Array) },
  BOOL: { bytes: 1, decode: narrowed(Uint8Array) },
} as const satisfies Record<string, { bytes: number; decode: Decode }>;

/** A kind of number in a file of arrays. */
export type ElementKind = keyof typeof kinds;

/** The kind of that name; undefined where there is none. */
export function elementKind(name: string): ElementKind | undefined {
  return Object.hasOwn(kinds, name) ? (name as ElementKind) : undefined;
}

/** Bytes of one number. */
export const bytesOf = (kind: ElementKind): number => kinds[kind].bytes;

/** Whether numbers of a kind are floating-point. */
export const isFloat = (kind: ElementKind): boolean => kind.includes('F');

/**
 * Numbers of a file as float32, in a copy. Those beyond its range become infinite.
 * @param bytes whole numbers of the kind, aligned or not
 */
export function toFloats(bytes: Uint8Array, kind: ElementKind, littleEndian = true): Float32Array {
  // (slice would not copy a Node Buffer.)
  const own = Uint8Array.from(bytes);
  if (!littleEndian) reverseEach(own, bytesOf(kind));
  return kinds[kind].decode(own);
}

function reverseEach(bytes: Uint8Array, width: number): void {
  if (width === 1) return;
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
}
