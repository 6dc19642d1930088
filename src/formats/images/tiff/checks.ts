import { truncated, UnreadableImage } from '../raw_image.ts';
import { compressionName } from './compression.ts';
import { type ReadAt, type TiffDirectory, tiffDirectories } from './directory.ts';
import { picturesOf, tags } from './tags.ts';

/** Compressions that libtiff behind sharp is built without, or that writers do not agree on. */
const unreadCompressions = new Set([6, 33003, 33005, 34661, 34712, 34887, 34925, 50000, 50001, 50002, 52546]);

const floatingPoint = 3;
const whiteIsZero = 0;
const cmyk = 5;

/**
 * Holds one of a TIFF file's images against what libtiff behind sharp brings out right, by its directory.
 * @returns whether zero is white
 * @throws UnreadableImage where it would be wrong, or is not read at all
 */
export async function checkTiffPage(
  readAt: ReadAt,
  page: number,
): Promise<{ readonly whiteIsZero: boolean }> {
  const directories = await tiffDirectories(readAt, page + 1);
  const directory = directories[page];
  if (!directory) throw directories.length === 0 ? truncated() : hasOnly(directories.length);
  const reason = (await unreadReason(directory)) ?? (page === 0 ? await stackReason(readAt, directory) : '');
  if (reason) throw new UnreadableImage(reason);
  return { whiteIsZero: (await directory.number(tags.photometric, 1)) === whiteIsZero };
}

const hasOnly = (images: number) => new UnreadableImage(`has ${images} images`);

async function unreadReason(page: TiffDirectory): Promise<string | undefined> {
  const compression = await page.number(tags.compression, 1);
  if (unreadCompressions.has(compression))
    return `compressed as ${compressionName(compression)}, which is not read here: save it with LZW or Deflate`;
  const bits = await page.number(tags.bits, 1);
  if (![1, 2, 4, 8, 16, 32].includes(bits))
    return `numbers of ${bits} bits, which are not read here: save it with 8, 16 or 32`;
  const format = await page.number(tags.format, 1);
  if (format === floatingPoint && bits !== 32)
    return `floating-point numbers of ${bits} bits, which are not read here: save it with 32`;
  if (format > 3) return 'complex numbers, which are not read here';
  if ((await page.number(tags.predictor, 1)) === floatingPoint && !page.littleEndian)
    return 'floating-point differences with the high byte first, which writers disagree on: save it without a predictor';
  const samples = await page.number(tags.samples, 1);
  const extra = await page.number(tags.extra, 0);
  const colours = samples - (extra === 1 || extra === 2 ? 1 : 0);
  const isInk = colours === 4 && (await page.number(tags.photometric, 1)) === cmyk;
  if (colours !== 1 && colours !== 3 && !isInk)
    return `${samples} channels, of which it does not say how to show them: save it as grey or RGB`;
  return undefined;
}

/** ImageJ keeps large stacks as one image with a directory, and all others behind it. */
async function stackReason(readAt: ReadAt, page: TiffDirectory): Promise<string | undefined> {
  const text = await page.text(tags.description, 4096);
  const images = Number(/^images=(\d+)\r?$/m.exec(text)?.[1] ?? 1);
  if (!text.startsWith('ImageJ=') || images < 2) return undefined;
  // Two directories suffice: ImageJ writes one for each image, or one for all.
  const directories = (await tiffDirectories(readAt, 2)).length;
  return directories < 2
    ? `an ImageJ stack of ${images} images of which only the first can be found: save them as an image sequence`
    : undefined;
}

/** The directories of a file that are images of their own; of none that is all of them. */
export async function imagesOfTiff(readAt: ReadAt): Promise<number[]> {
  return picturesOf(await tiffDirectories(readAt));
}
