import { checkSides, mostPixels, truncated, UnreadableImage } from '../raw_image.ts';
import { type Compression, compressionOf, mostGain } from './compression.ts';
import type { TiffDirectory } from './directory.ts';
import { tags } from './tags.ts';

/** What a pixel's numbers mean. */
export type Meaning = 'grey' | 'negative' | 'colours' | 'palette';

/** How a page's pixels are laid out (TIFF 6.0). */
export interface TiffLayout {
  readonly width: number;
  readonly height: number;
  /** Numbers a pixel. */
  readonly perPixel: number;
  /** Bits a number. */
  readonly bits: number;
  readonly kind: 'unsigned' | 'signed' | 'float';
  readonly meaning: Meaning;
  readonly compression: Compression;
  /** Whether bytes hold their bits in the reverse order. */
  readonly reversed: boolean;
  /** 1: none, 2: differences of neighbours, 3: the same of floating-point numbers' bytes. */
  readonly predictor: number;
  /** Whether each number of the pixels is a plane of its own. */
  readonly planar: boolean;
  /** Sides of the strips or tiles, and whether they are tiles, which are whole also at the edges. */
  readonly block: { readonly width: number; readonly height: number; readonly tiled: boolean };
  readonly offsets: readonly number[];
  readonly lengths: readonly number[];
  /** How the rows and columns are to be turned, 1 to 8. */
  readonly orientation: number;
  /** What the numbers behind the colours are: 1 and 2 say how opaque a pixel is, 1 with the colours multiplied by it. */
  readonly extra: readonly number[];
  /** Red, green and blue of a palette, all reds first. */
  readonly palette: readonly number[];
}

const meanings: Readonly<Record<number, Meaning>> = { 0: 'negative', 1: 'grey', 2: 'colours', 3: 'palette' };
const otherMeanings: Readonly<Record<number, string>> = {
  4: 'a mask',
  5: 'printing colours (CMYK)',
  6: 'brightness and colour differences (YCbCr)',
  8: 'CIELab colours',
  32803: "a sensor's colour filter",
  34892: "a sensor's colours",
};

const refuse = (what: string): never => {
  throw new UnreadableImage(`a TIFF image of ${what}, which is not read: save it as grey or RGB`);
};

/**
 * Reads a page's layout.
 * @param fileBytes size of the file, which the page cannot exceed by more than its compression allows
 * @throws UnreadableImage naming what is not read
 */
export async function tiffLayout(page: TiffDirectory, fileBytes: number): Promise<TiffLayout> {
  const [width, height] = [await page.number(tags.width, 0), await page.number(tags.height, 0)];
  checkSides(width, height);
  const perPixel = await page.number(tags.samples, 1);
  const allBits = await page.numbers(tags.bits);
  const bits = allBits[0] ?? 1;
  const formats = await page.numbers(tags.format);
  if ([...allBits].some((other) => other !== bits) || formats.some((other) => other !== formats[0])) {
    refuse('numbers of several kinds');
  }
  const photometric = await page.number(tags.photometric, 1);
  const meaning =
    meanings[photometric] ??
    refuse(otherMeanings[photometric] ?? `photometric interpretation ${photometric}`);
  const compression = compressionOf(await page.number(tags.compression, 1));
  if (perPixel < 1 || perPixel * width * height * (bits / 8) > mostGain[compression] * fileBytes + 64) {
    throw truncated();
  }
  const extra = await page.numbers(tags.extra);
  checkNumbers(meaning, perPixel, extra);
  const kind = kindOf(bits, formats[0] ?? 1);
  if (meaning === 'palette' && kind !== 'unsigned') refuse('a palette of numbers with signs');
  const tiled = (await page.numbers(tags.tileWidth)).length > 0;
  const rows = Math.min(height, await page.number(tags.rowsPerStrip, height));
  const block = tiled
    ? { width: await page.number(tags.tileWidth, 0), height: await page.number(tags.tileHeight, 0), tiled }
    : { width, height: rows, tiled };
  checkBlocks(block, width, height);
  const offsets = await page.numbers(tiled ? tags.tileOffsets : tags.stripOffsets);
  const lengths = await page.numbers(tiled ? tags.tileLengths : tags.stripLengths);
  // Old writers leave the length of a single strip out.
  const wholeLength = Math.ceil((width * perPixel * bits) / 8) * height;
  const predictor =
    compression === 'none' || compression === 'packbits' ? 1 : await page.number(tags.predictor, 1);
  checkPredictor(predictor, bits, kind);
  return {
    width,
    height,
    perPixel,
    bits,
    kind,
    meaning,
    compression,
    predictor,
    block,
    offsets,
    extra,
    reversed: (await page.number(tags.fillOrder, 1)) === 2,
    planar: perPixel > 1 && (await page.number(tags.planes, 1)) === 2,
    lengths: lengths.length === 0 && offsets.length === 1 ? [wholeLength] : lengths,
    orientation: await page.number(tags.orientation, 1),
    palette: meaning === 'palette' ? await page.numbers(tags.palette) : [],
  };
}

function kindOf(bits: number, format: number): TiffLayout['kind'] {
  const kind = ({ 1: 'unsigned', 2: 'signed', 3: 'float', 4: 'unsigned' } as const)[format];
  if (kind === undefined) return refuse('complex numbers');
  const isKnown = kind === 'float' ? bits === 32 || bits === 64 : bits === 32 || (bits >= 1 && bits <= 16);
  if (!isKnown || (kind === 'signed' && bits < 8))
    return refuse(`${kind === 'float' ? 'floating-point' : 'whole'} numbers of ${bits} bits`);
  return kind;
}

/** Tiles reach beyond a picture's edges, but not by so much that most of what is expanded is thrown away. */
function checkBlocks(block: TiffLayout['block'], width: number, height: number): void {
  checkSides(block.width, block.height);
  const [across, down] = [Math.ceil(width / block.width), Math.ceil(height / block.height)];
  if (across * block.width * down * block.height > 4 * mostPixels) throw truncated();
}

/** Numbers a pixel: colours, and a few that are thrown away. */
const mostPerPixel = 16;

function checkNumbers(meaning: Meaning, perPixel: number, extra: readonly number[]): void {
  const own = meaning === 'colours' ? 3 : 1;
  const isAlpha = extra[0] === 1 || extra[0] === 2;
  if (
    perPixel < own ||
    perPixel > mostPerPixel ||
    (own === 1 && perPixel > 1 && !(perPixel === 2 && isAlpha && meaning !== 'palette'))
  ) {
    refuse(`${perPixel} numbers a pixel that are no colours`);
  }
}

function checkPredictor(predictor: number, bits: number, kind: TiffLayout['kind']): void {
  const isKnown =
    predictor === 1 ||
    (predictor === 2 && kind !== 'float' && (bits === 8 || bits === 16 || bits === 32)) ||
    (predictor === 3 && kind === 'float' && bits === 32);
  if (!isKnown) refuse(`predictor ${predictor} for ${bits} bits`);
}
