import { elementBytes, type StoredTensor, tensorOfBytes } from '../safetensors.ts';
import type { Refuse } from './pickle_stack.ts';
import { PickleTuple, TorchStorage, type TorchTensor } from './pickle_values.ts';
import { isCount } from './torch_calls.ts';

/** How wide an element of a storage is and what it is to safetensors, where that knows it. */
interface Elements {
  readonly width: number;
  readonly dtype?: string;
}

/** By PyTorch's name of the storage: torch/storage.py. */
const kinds: Readonly<Record<string, Elements>> = {
  DoubleStorage: { width: 8, dtype: 'F64' },
  FloatStorage: { width: 4, dtype: 'F32' },
  HalfStorage: { width: 2, dtype: 'F16' },
  BFloat16Storage: { width: 2, dtype: 'BF16' },
  LongStorage: { width: 8, dtype: 'I64' },
  IntStorage: { width: 4, dtype: 'I32' },
  ShortStorage: { width: 2, dtype: 'I16' },
  CharStorage: { width: 1, dtype: 'I8' },
  ByteStorage: { width: 1, dtype: 'U8' },
  BoolStorage: { width: 1, dtype: 'BOOL' },
  UntypedStorage: { width: 1, dtype: 'U8' },
  _UntypedStorage: { width: 1, dtype: 'U8' },
  ComplexHalfStorage: { width: 4 },
  ComplexFloatStorage: { width: 8 },
  ComplexDoubleStorage: { width: 16 },
  QInt8Storage: { width: 1 },
  QUInt8Storage: { width: 1 },
  QInt32Storage: { width: 4 },
  QUInt4x2Storage: { width: 1 },
  QUInt2x4Storage: { width: 1 },
};

/** By PyTorch's name of the dtype, for tensors over storages that are only bytes. */
const dtypes: Readonly<Record<string, string>> = {
  'torch.float64': 'F64',
  'torch.float32': 'F32',
  'torch.float16': 'F16',
  'torch.bfloat16': 'BF16',
  'torch.int64': 'I64',
  'torch.uint64': 'U64',
  'torch.int32': 'I32',
  'torch.uint32': 'U32',
  'torch.int16': 'I16',
  'torch.uint16': 'U16',
  'torch.int8': 'I8',
  'torch.uint8': 'U8',
  'torch.bool': 'BOOL',
};

/** As PyTorch's own. */
const mostSides = 64;

/** Bytes of an element of a storage of this kind; undefined for one that nobody knows. */
export function storageElementBytes(kind: string): number | undefined {
  return Object.hasOwn(kinds, kind) ? kinds[kind]!.width : undefined;
}

/** The storages of a container. */
export interface Storages {
  /** A storage's bytes, all of it; refuses one that is not there. */
  bytesOf(storage: TorchStorage): Uint8Array;
  /** Whether the most significant byte of an element comes first. */
  readonly bigEndian: boolean;
}

/**
 * A reader of tensors, which gives a copy of each one's elements, row-major; what it has given it gives again. All
 * together hold at most `mostBytes`: a file may expand one element to any size.
 * @returns for a tensor: itself, or why it cannot be had
 */
export function tensorReader(
  storages: Storages,
  mostBytes: number,
  refuse: (reason: string) => never,
): (tensor: TorchTensor) => StoredTensor | string {
  const known = new Map<TorchTensor, StoredTensor | string>();
  let total = 0;

  const read = (tensor: TorchTensor): StoredTensor | string => {
    if (typeof tensor.source === 'string') return tensor.source;
    const [storage, offset, size, stride] = tensor.source.items;
    if (!(storage instanceof TorchStorage)) return 'has no storage';
    const dtype = dtypeOf(tensor, storage);
    const width = dtype === undefined ? undefined : elementBytes(dtype);
    const unit = storageElementBytes(storage.kind);
    if (dtype === undefined || width === undefined || unit === undefined) {
      return `has elements that kindred does not read (${tensor.dtype ?? storage.kind})`;
    }
    const shape = sides(size);
    const steps = sides(stride);
    if (!isCount(offset) || !shape || steps?.length !== shape.length) {
      return refuse('a tensor has no place, size or stride');
    }
    const count = shape.reduce((product, side) => product * side, 1);
    // Half-width floats double when they are read.
    total += count * width * 2;
    if (!(total <= mostBytes)) return refuse('its tensors claim far more elements than the file has bytes');
    const bytes = partOf(storage, unit, storages, refuse);
    const last = shape.reduce((reached, side, axis) => reached + (side - 1) * steps[axis]!, offset);
    if (count > 0 && (last + 1) * width > bytes.length) {
      return refuse(
        `a tensor of shape [${shape}] needs ${(last + 1) * width} bytes of storage ${storage.key}, ` +
          `which has ${bytes.length}`,
      );
    }
    const elements = gather(bytes, width, offset, shape, steps, count);
    if (storages.bigEndian) reverseElements(elements, width);
    return tensorOfBytes(dtype, shape, elements.buffer);
  };

  return (tensor) => {
    let found = known.get(tensor);
    if (found === undefined) known.set(tensor, (found = read(tensor)));
    return found;
  };
}

function dtypeOf(tensor: TorchTensor, { kind }: TorchStorage): string | undefined {
  const { dtype } = tensor;
  if (dtype !== undefined) return Object.hasOwn(dtypes, dtype) ? dtypes[dtype] : undefined;
  return Object.hasOwn(kinds, kind) ? kinds[kind]!.dtype : undefined;
}

function sides(value: unknown): readonly number[] | undefined {
  if (!(value instanceof PickleTuple) || value.items.length > mostSides) return undefined;
  return value.items.every(isCount) ? (value.items as number[]) : undefined;
}

/** The bytes of the part of a storage that is meant. */
function partOf(storage: TorchStorage, width: number, storages: Storages, refuse: Refuse): Uint8Array {
  const bytes = storages.bytesOf(storage);
  const { offset, length } = storage.view;
  if ((offset + length) * width > bytes.length) {
    refuse(`storage ${storage.key} should have ${(offset + length) * width} bytes and has ${bytes.length}`);
  }
  return bytes.subarray(offset * width, (offset + length) * width);
}

/** Elements in row-major order, each of `width` bytes. */
function gather(
  bytes: Uint8Array,
  width: number,
  offset: number,
  shape: readonly number[],
  steps: readonly number[],
  count: number,
): Uint8Array<ArrayBuffer> {
  if (isContiguous(shape, steps)) {
    return Uint8Array.from(bytes.subarray(offset * width, (offset + count) * width));
  }
  const elements = new Uint8Array(count * width);
  const at = shape.map(() => 0);
  let from = offset;
  for (let to = 0; to < elements.length; to += width) {
    for (let i = 0; i < width; i++) elements[to + i] = bytes[from * width + i]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += steps[axis]!;
      if (++at[axis]! < shape[axis]!) break;
      from -= shape[axis]! * steps[axis]!;
      at[axis] = 0;
    }
  }
  return elements;
}

function isContiguous(shape: readonly number[], steps: readonly number[]): boolean {
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    // The stride of a side of 1 says nothing.
    if (shape[axis] !== 1 && steps[axis] !== step) return false;
    step *= shape[axis]!;
  }
  return true;
}

function reverseElements(bytes: Uint8Array, width: number): void {
  for (let at = 0; width > 1 && at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
}
