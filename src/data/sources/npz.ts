import { UserError } from '../../errors.ts';
import type { ByteSource, ByteStream } from '../../formats/arrays/byte_source.ts';
import { floatBlocks, type NpyArray, openNpy, readTexts } from '../../formats/arrays/npy.ts';
import { listZip, memberStart, openMember, type ZipMember } from '../../formats/arrays/zip.ts';
import { elementsIn, type StoredArray } from './arrays/stored_array.ts';
import { streamArrays } from './arrays/stream_arrays.ts';
import type { ImageStream, OpenOptions } from './image_stream.ts';

/** Most bytes of a deflated array, which has no way but to lie in memory as a whole. */
const mostUnpacked = 2 ** 30;

/**
 * A set in NumPy's .npz, as MedMNIST, Keras and many others save theirs (see `rolesOf`). Arrays that are stored, as
 * `numpy.savez` does it, are read where they lie; deflated ones, as `savez_compressed` does it, lie in memory once they
 * are asked for.
 * @throws UserError for a file that is none, without images, or with labels that do not fit them
 */
export async function streamNpz(path: string, options: OpenOptions): Promise<ImageStream> {
  const { files } = options;
  const size = (await files.stat(path))?.bytes ?? 0;
  const read = (offset: number, length: number) => files.readSlice(path, offset, length);
  const source: ByteSource = { name: path, size, read };
  const members = [...(await listZip(source)).values()].filter(({ name }) => name.endsWith('.npy'));
  const arrays = await Promise.all(members.map((member) => arrayOf(source, member)));
  return streamArrays(arrays, path, options);
}

async function arrayOf(source: ByteSource, member: ZipMember): Promise<StoredArray> {
  const name = member.name.slice(0, -'.npy'.length);
  const where = `${source.name}, ${name}`;
  const open = () => openNpy(openMember(source, member), member.size, where, 'images');
  const opened = await open().catch((problem: unknown) => {
    if (problem instanceof UserError) return problem;
    throw problem;
  });
  if (opened instanceof UserError) return unreadable(name, where, opened);
  await opened.stream.close();
  const { elements, shape, fortran } = opened;
  const count = elementsIn(shape);
  const bytes = bytesReader(source, member, count);
  const entry = elementsIn(shape.slice(1));
  return {
    name,
    shape,
    elements: elements.kind === 'text' ? 'text' : elements.kind === 'U8' ? 'bytes' : 'numbers',
    type: typeNames[elements.kind],
    unreadable: unreadableReason(opened, member),
    read: (first, entries) => bytes(first * entry, entries * entry),
    async numbers() {
      if (elements.kind === 'text') throw new RangeError(`${where} is no array of numbers`);
      const { stream } = await open();
      const values = new Float64Array(count);
      let at = 0;
      const layout = { littleEndian: elements.littleEndian, name: where };
      for await (const block of floatBlocks(stream, count, elements.kind, layout)) {
        values.set(block, at);
        at += block.length;
      }
      return fortran && shape.length > 1 ? transposed(values, shape) : values;
    },
    texts: async () => readTexts(await open()),
  };
}

/** NumPy's names for the kinds of numbers. */
const typeNames: Readonly<Record<NpyArray['elements']['kind'], string>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  I64: 'int64',
  U64: 'uint64',
  I32: 'int32',
  U32: 'uint32',
  I16: 'int16',
  U16: 'uint16',
  I8: 'int8',
  U8: 'uint8',
  BOOL: 'bool',
  text: 'text',
};

function unreadableReason({ fortran, shape }: NpyArray, { deflated, size }: ZipMember): string | undefined {
  if (fortran && shape.length > 2) return 'is in the order of Fortran: save numpy.ascontiguousarray of it';
  if (deflated && size > mostUnpacked)
    return `is deflated and has ${size} bytes when unpacked, over ${mostUnpacked}: save it with numpy.savez, which does not deflate`;
  return undefined;
}

/** An array that matters only if it turns out to be the images or the labels. */
function unreadable(name: string, where: string, { message }: UserError): StoredArray {
  const never = () => Promise.reject(new RangeError(`${where} cannot be read`));
  const reason = message.startsWith(where) ? message.slice(where.length).trimStart() : message;
  return {
    name,
    shape: [],
    elements: 'numbers',
    type: 'unreadable',
    unreadable: reason,
    read: never,
    numbers: never,
    texts: never,
  };
}

/** Reads the last bytes of a member, its elements: where they lie, or out of memory once they are unpacked. */
function bytesReader(source: ByteSource, member: ZipMember, count: number) {
  const header = member.size - count;
  let unpacked: Promise<Uint8Array> | undefined;
  let start: Promise<number> | undefined;
  return async (offset: number, length: number): Promise<Uint8Array> => {
    if (!member.deflated) {
      start ??= memberStart(source, member);
      return source.read((await start) + header + offset, length);
    }
    unpacked ??= unpack(openMember(source, member), member.size);
    return (await unpacked).subarray(header + offset, header + offset + length);
  };
}

async function unpack(stream: ByteStream, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; ) {
    const piece = await stream.take(Math.min(1 << 20, size - at));
    if (piece.length === 0) break;
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** A matrix whose columns come first, as one whose rows do. */
function transposed(values: Float64Array, shape: readonly number[]): Float64Array {
  const rows = shape[0]!;
  const columns = elementsIn(shape.slice(1));
  return values.map((_, at) => values[(at % columns) * rows + Math.floor(at / columns)]!);
}
