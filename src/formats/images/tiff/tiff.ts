import { type RawImage, type Samples, truncated, UnreadableImage } from '../raw_image.ts';
import { pageNumbers } from './blocks.ts';
import { directories } from './directory.ts';
import { type TiffLayout, tiffLayout } from './layout.ts';
import { turned } from './turned.ts';

/** A TIFF file, whose pages are read one by one. */
export interface TiffFile {
  /** How many pictures are in it, without previews, smaller copies and masks. */
  readonly pages: number;
  /** Decodes a page, counted from 0. @throws UnreadableImage with a short reason */
  read(page: number): Promise<RawImage>;
}

const subfileType = 254;

/**
 * Opens a TIFF or BigTIFF file: grey, palettes and colours of 1 to 32 bits, floating-point numbers of 32 and 64, in strips
 * or tiles, uncompressed or by LZW, Deflate or PackBits, in either order of bytes and bits. Whatever else is refused by name.
 * @throws UnreadableImage with a short reason
 */
export function openTiff(bytes: Uint8Array): TiffFile {
  const { all, little } = directories(bytes);
  // The lowest bit: a smaller copy of another page; the third: a mask.
  const pictures = all.filter((page) => (page.number(subfileType, 0) & 5) === 0);
  const pages = pictures.length > 0 ? pictures : all;
  return {
    pages: pages.length,
    async read(page) {
      const directory = pages[page];
      if (!directory) throw new UnreadableImage(`has ${pages.length} pages`);
      const layout = tiffLayout(directory, bytes.length);
      return turned(imageOf(await pageNumbers(bytes, layout, little), layout), layout.orientation);
    },
  };
}

/** A page's numbers as an image. */
function imageOf(numbers: Samples, layout: TiffLayout): RawImage {
  const { width, height, perPixel, bits, kind, meaning, extra } = layout;
  const isFew = kind === 'unsigned' && bits < 8 && meaning !== 'palette';
  const shown = { width, height, ...(isFew ? { range: [0, 2 ** bits - 1] as const } : {}) };
  if (meaning === 'palette') return { ...shown, channels: 3, samples: painted(numbers, layout) };
  const inverted = meaning === 'negative' ? { inverted: true } : {};
  if (perPixel === 1) return { ...shown, ...inverted, channels: 1, samples: numbers };
  const isAlpha = extra[0] === 1 || extra[0] === 2;
  const own = meaning === 'colours' ? 3 : 1;
  const channels = isAlpha ? 4 : 3;
  if (own === 3 && perPixel === channels && extra[0] !== 1) return { ...shown, channels, samples: numbers };
  const samples = sameKind(numbers, channels * width * height);
  const most = kind === 'float' ? 1 : 2 ** bits - 1;
  for (let i = 0; i < width * height; i++) {
    const alpha = numbers[i * perPixel + own]!;
    for (let c = 0; c < channels; c++) {
      const value = numbers[i * perPixel + (c < 3 ? Math.min(c, own - 1) : own)]!;
      const isMultiplied = c < 3 && extra[0] === 1 && alpha > 0;
      samples[i * channels + c] = isMultiplied
        ? Math.min(most, (value * most) / alpha + (kind === 'float' ? 0 : 0.5))
        : value;
    }
  }
  return { ...shown, ...inverted, channels, samples };
}

/** An array of the same kind of numbers. */
function sameKind(like: Samples, length: number): Samples {
  return new (like.constructor as new (length: number) => Samples)(length);
}

/** Numbers of a palette as the colours that they stand for. */
function painted(numbers: Samples, { bits, palette }: TiffLayout): Uint8Array {
  const size = 2 ** bits;
  if (palette.length < 3 * size) throw truncated();
  // The standard says 16 bits, and some writers give 8.
  const shift = palette.some((value) => value > 255) ? 8 : 0;
  const out = new Uint8Array(3 * numbers.length);
  for (let i = 0; i < out.length; i++)
    out[i] = palette[(i % 3) * size + numbers[Math.floor(i / 3)]!]! >> shift;
  return out;
}
