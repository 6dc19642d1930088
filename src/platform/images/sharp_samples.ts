import type { RawImage, Samples } from '../../formats/images/raw_image.ts';
import { loadSharp, type SharpInput, shortReason, strict } from './sharp.ts';

type Numbers = Samples | Int8Array;
type NumberArray = new (bytes: ArrayBuffer, offset: number, length: number) => Numbers;

/** How libvips calls numbers that are no plain bytes, and what holds them. */
const arrays: Readonly<Partial<Record<string, NumberArray>>> = {
  char: Int8Array,
  ushort: Uint16Array,
  short: Int16Array,
  uint: Uint32Array,
  int: Int32Array,
  float: Float32Array,
};

/** Colour spaces whose numbers are grey, or red, green and blue. Others are converted as images of 8 bits are. */
const plainSpaces = new Set(['b-w', 'grey16', 'srgb', 'rgb16', 'scrgb', 'multiband']);

/**
 * The numbers of an image of more than 8 bits as the file has them; undefined for one of fewer, and for those whose colours
 * must be converted first (CMYK, Lab).
 * @throws Error with a short reason; UserError where sharp itself does not load
 */
export async function readWithSharp(input: SharpInput, page: number): Promise<RawImage | undefined> {
  const sharp = await loadSharp();
  const options = { ...strict, ...(page > 0 && { page }) };
  try {
    const about = await sharp(input, options).metadata();
    const { space = '', depth, hasAlpha, format, bitsPerSample = 16 } = about;
    const holder = arrays[depth ?? ''];
    if (!depth || !holder || !plainSpaces.has(space)) return undefined;
    const isSigned16 = depth === 'short' && space === 'grey16';
    if (depth !== 'ushort' && space === 'grey16' && !isSigned16)
      throw new Error('16-bit floating-point numbers, which are not read here: save it with 32 bits');
    // Made positive first: libvips calls them 16-bit grey, and sharp takes that for numbers without a sign.
    const image = isSigned16 ? sharp(input, options).linear(1, 32768) : sharp(input, options);
    const { data, info } = await image
      .toColourspace(space)
      .raw({ depth: isSigned16 ? 'ushort' : depth })
      .toBuffer({ resolveWithObject: true });
    const stored = asNumbers(data, isSigned16 ? Uint16Array : holder);
    const samples = signed(stored, isSigned16 ? 32768 : 0);
    const { width, height, channels } = info;
    // libheif puts its 10 or 12 bits at the top of 16; white is the largest of them, whatever the set's images hold.
    const range =
      format === 'heif' ? ([0, (2 ** bitsPerSample - 1) * 2 ** (16 - bitsPerSample)] as const) : undefined;
    return { ...arranged(width, height, channels, samples, hasAlpha === true), ...(range && { range }) };
  } catch (error) {
    throw error instanceof Error && /not read here/.test(error.message)
      ? error
      : new Error(shortReason(error));
  }
}

/** Numbers with a sign in an array that samples may be. @param offset what was added to make them positive */
function signed(numbers: Numbers, offset: number): Samples {
  if (offset === 0 && !(numbers instanceof Int8Array)) return numbers;
  return Int16Array.from(numbers, (value) => value - offset);
}

function asNumbers(data: Buffer, holder: NumberArray): Numbers {
  const size = (holder as unknown as { BYTES_PER_ELEMENT: number }).BYTES_PER_ELEMENT;
  const isAligned = data.byteOffset % size === 0;
  const bytes = isAligned ? data : new Uint8Array(data);
  return new holder(bytes.buffer as ArrayBuffer, bytes.byteOffset, data.length / size);
}

/** One, three or four numbers a pixel. @throws Error for other counts, whose channels have no known meaning */
function arranged(
  width: number,
  height: number,
  channels: number,
  samples: Samples,
  hasAlpha: boolean,
): RawImage {
  if (channels === 1 || channels === 3 || (channels === 4 && hasAlpha))
    return { width, height, channels, samples };
  if (channels !== 2 || !hasAlpha)
    throw new Error(`${channels} channels, which are not read here: save it as grey or RGB`);
  const four = samples.slice(0, 0).constructor as new (length: number) => Samples;
  const spread = new four(4 * width * height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    spread.fill(samples[2 * pixel]!, 4 * pixel, 4 * pixel + 3);
    spread[4 * pixel + 3] = samples[2 * pixel + 1]!;
  }
  return { width, height, channels: 4, samples: spread };
}
