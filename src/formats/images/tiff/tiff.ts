import { type RawImage, type Samples, truncated, UnreadableImage } from '../raw_image.ts';
import { pageNumbers } from './blocks.ts';
import { inMemory, tiffDirectories } from './directory.ts';
import { type TiffLayout, tiffLayout } from './layout.ts';
import { picturesOf } from './tags.ts';
import { turned } from './turned.ts';

/** A TIFF file, whose pages are read one by one. */
export interface TiffFile {
  /** How many pictures are in it, without previews, smaller copies and masks. */
  readonly pages: number;
  /** Decodes a page, counted from 0. @throws UnreadableImage with a short reason */
  read(page: number): Promise<RawImage>;
}

/**
 * Opens a TIFF or BigTIFF file: grey, palettes and colours of 1 to 32 bits, floating-point numbers of 32 and 64, in strips
 * or tiles, uncompressed or by LZW, Deflate or PackBits, in either order of bytes and bits. Whatever else is refused by name.
 * @throws UnreadableImage with a short reason
 */
export async function openTiff(bytes: Uint8Array): Promise<TiffFile> {
  const directories = await tiffDirectories(inMemory(bytes));
  const pages = await picturesOf(directories);
  return {
    pages: pages.length,
    async read(page) {
      const directory = directories[pages[page] ?? -1];
      if (!directory) throw new UnreadableImage(`has ${pages.length} pages`);
      const layout = await tiffLayout(directory, bytes.length);
      const numbers = await pageNumbers(bytes, layout, directory.littleEndian);
      return turned(imageOf(numbers, layout), layout.orientation);
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
  const most = kind === 'float' ? 1 : 2 ** bits - 1;
  // Of numbers that do not fill their array's bits, twelve of sixteen say, an opaque pixel's is brought to its largest one.
  const opaque = kind === 'float' ? 1 : 2 ** (8 * numbers.BYTES_PER_ELEMENT) - 1;
  const isPlain = perPixel === channels && extra[0] !== 1 && (!isAlpha || most === opaque);
  if (own === 3 && isPlain) return { ...shown, channels, samples: numbers };
  const samples = sameKind(numbers, channels * width * height);
  for (let i = 0; i < width * height; i++) {
    const alpha = numbers[i * perPixel + own]!;
    for (let c = 0; c < 3; c++) {
      const value = numbers[i * perPixel + Math.min(c, own - 1)]!;
      const isMultiplied = extra[0] === 1 && alpha > 0;
      samples[i * channels + c] = isMultiplied
        ? Math.min(most, (value * most) / alpha + (kind === 'float' ? 0 : 0.5))
        : value;
    }
    if (isAlpha) samples[i * channels + 3] = (alpha * opaque) / most;
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
