import { UserError } from '../../errors.ts';
import type { ByteStream } from './byte_source.ts';
import { bytesOf, type ElementKind, toFloats } from './elements.ts';
import { type NpyElements, type NpyHeader, parseNpyHeader } from './npy_header.ts';

const magic = [0x93, ...new TextEncoder().encode('NUMPY')];
// NumPy itself reads 10,000 characters; only arrays of records have longer ones, and these are refused.
const maxHeaderBytes = 1 << 20;

/** Whether bytes begin as a file of NumPy's does. */
export const isNpy = (bytes: Uint8Array): boolean => magic.every((byte, at) => bytes[at] === byte);

/** An array of a file, of which the header is read and the elements come next. */
export interface NpyArray extends NpyHeader {
  /** For error messages: the file's name, and the array's in it. */
  readonly name: string;
  /** The elements, then nothing. */
  readonly stream: ByteStream;
}

/**
 * Reads the header of an array, and checks that as many bytes follow as it says.
 * @param size bytes of the whole file or member
 * @param holds what the array should be, for error messages
 * @throws UserError for anything but an array of numbers or text
 */
export async function openNpy(
  stream: ByteStream,
  size: number,
  name: string,
  holds = 'features',
): Promise<NpyArray> {
  const refuse = (reason: string): never => {
    throw new UserError(
      `${name} ${reason}: save the ${holds} with numpy.save, as an array of numbers with a row for each image`,
    );
  };
  const start = await stream.take(8);
  if (!isNpy(start)) return refuse('is no array that NumPy saved');
  const version = start[6]!;
  if (version < 1 || version > 3)
    return refuse(`is of version ${version} of NumPy's format, which is not read`);
  const lengthBytes = await stream.take(version === 1 ? 2 : 4);
  const length = lengthBytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
  if (length > maxHeaderBytes) return refuse(`has a header of ${length} bytes, which NumPy does not write`);
  const bytes = await stream.take(length);
  if (bytes.length < length) return refuse('ends within its header');
  const text = new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(bytes);
  const header = parseNpyHeader(text, refuse);
  const expected = header.shape.reduce((product, side) => product * side, widthOf(header.elements));
  const rest = size - 8 - lengthBytes.length - length;
  if (rest !== expected)
    throw new UserError(
      `${name} has ${rest} bytes after its header, but an array of ${header.shape.join(' × ') || 'one number'} has ${expected}: copy or save it again`,
    );
  return { ...header, name, stream };
}

/** Bytes of an element. */
function widthOf(elements: NpyElements): number {
  if (elements.kind !== 'text') return bytesOf(elements.kind);
  return elements.length * (elements.wide ? 4 : 1);
}

/** The sides of an array that are not 1, but for the first: a matrix may have been saved as N × d × 1 × 1. */
export function matrixShape(shape: readonly number[]): readonly [number, number] | undefined {
  const [rows, ...others] = shape;
  const sides = others.filter((side) => side !== 1);
  if (rows === undefined || others.length === 0 || sides.length > 1) return undefined;
  return [rows, sides[0] ?? 1];
}

/** Elements converted at a time. */
const blockElements = 1 << 20;

/** The elements of an array of numbers as float32, a block at a time, in the file's order. */
export async function* floatBlocks(
  stream: ByteStream,
  count: number,
  kind: ElementKind,
  { littleEndian, name }: { readonly littleEndian: boolean; readonly name: string },
): AsyncGenerator<Float32Array> {
  const width = bytesOf(kind);
  for (let done = 0; done < count; ) {
    const wanted = Math.min(blockElements, count - done);
    const bytes = await stream.take(wanted * width);
    if (bytes.length < wanted * width)
      throw new UserError(`${name} ends after ${done} of ${count} numbers: copy or save it again`);
    yield toFloats(bytes, kind, littleEndian);
    done += wanted;
  }
}

/** All elements of a one-dimensional array of text. @throws UserError for what is no text */
export async function readTexts({ elements, shape, name, stream }: NpyArray): Promise<string[]> {
  if (elements.kind !== 'text') throw new RangeError(`${name} is no text`);
  const count = shape.reduce((product, side) => product * side, 1);
  const width = widthOf(elements);
  // An element of no bytes is the empty text, of which a header can claim any number.
  if (width === 0) throw new UserError(`${name} holds ${count} empty texts: save the images' paths in it`);
  const decode = elements.wide ? wideText(elements.littleEndian) : byteText;
  const texts: string[] = [];
  for (let done = 0; done < count; ) {
    const wanted = Math.min(Math.ceil(blockElements / width), count - done);
    const bytes = await stream.take(wanted * width);
    for (let i = 0; i < wanted; i++) {
      const text = decode(bytes.subarray(i * width, (i + 1) * width));
      if (text === undefined) throw new UserError(`${name}, row ${done + i + 1} is no text: save it again`);
      texts.push(text);
    }
    done += wanted;
  }
  return texts;
}

const utf8 = new TextDecoder();

const byteText = (bytes: Uint8Array): string => utf8.decode(bytes).replace(/\0+$/, '');

const wideText =
  (littleEndian: boolean) =>
  (bytes: Uint8Array): string | undefined => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let text = '';
    for (let at = 0; at < bytes.length; at += 4) {
      const code = view.getUint32(at, littleEndian);
      if (code > 0x10ffff) return undefined;
      text += String.fromCodePoint(code);
    }
    return text.replace(/\0+$/, '');
  };
