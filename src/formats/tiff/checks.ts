import { type ReadAt, type TiffPage, tiffPages } from './directory.ts';

const compressions: Readonly<Record<number, string>> = {
  6: "an old kind of JPEG, as its writers' manuals never agreed on",
  34661: 'JBIG',
  34712: 'JPEG 2000',
  33003: 'JPEG 2000',
  33005: 'JPEG 2000',
  34925: 'LZMA',
  50000: 'ZSTD',
  50001: 'WebP',
  50002: 'JPEG XL',
  52546: 'JPEG XL',
  34887: 'LERC',
};

const floatingPoint = 3;

/**
 * Reads the directory of one of a TIFF file's images and holds it against what libtiff's reader behind sharp brings out
 * right.
 * @throws Error with a short reason where it would be wrong, or is not read at all
 */
export async function checkedTiffPage(readAt: ReadAt, page: number): Promise<TiffPage> {
  const pages = await tiffPages(readAt, page);
  const found = pages[page];
  if (!found) throw new Error(pages.length === 0 ? 'truncated or damaged' : `has ${pages.length} images`);
  const reason = unreadReason(found) ?? (page === 0 ? await stackReason(readAt, found) : undefined);
  if (reason) throw new Error(reason);
  return found;
}

function unreadReason(page: TiffPage): string | undefined {
  const { bits, compression, samples, predictor, extra, format, littleEndian } = page;
  const named = compressions[compression];
  if (named) return `compressed as ${named}, which is not read here: save it with LZW or Deflate`;
  if (![1, 2, 4, 8, 16, 32].includes(bits))
    return `numbers of ${bits} bits, which are not read here: save it with 8, 16 or 32`;
  if (format === floatingPoint && bits !== 32)
    return `floating-point numbers of ${bits} bits, which are not read here: save it with 32`;
  if (format > 3) return 'complex numbers, which are not read here';
  if (predictor === floatingPoint && !littleEndian)
    return 'floating-point differences with the high byte first, which writers disagree on: save it without a predictor';
  const opaque = extra === 1 || extra === 2 ? 1 : 0;
  const colours = samples - opaque;
  if (colours !== 1 && colours !== 3 && !(colours === 4 && page.photometric === 5))
    return `${samples} channels, of which it does not say how to show them: save it as grey or RGB`;
  return undefined;
}

/** ImageJ keeps large stacks as one image with a directory, and all others behind it. */
async function stackReason(readAt: ReadAt, { description }: TiffPage): Promise<string | undefined> {
  if (!description) return undefined;
  const bytes = await readAt(description.offset, Math.min(description.length, 4096));
  const text = new TextDecoder('latin1').decode(bytes);
  const images = Number(/^images=(\d+)\r?$/m.exec(text)?.[1] ?? 1);
  if (!text.startsWith('ImageJ=') || images < 2) return undefined;
  // Two directories suffice: ImageJ writes one for each image, or one for all.
  const directories = (await tiffPages(readAt, 1)).length;
  return directories < 2
    ? `an ImageJ stack of ${images} images of which only the first can be found: save them as an image sequence`
    : undefined;
}

/** The directories of a file that are images of their own; of none that is all of them. */
export async function imagesOfTiff(readAt: ReadAt): Promise<number[]> {
  const pages = await tiffPages(readAt);
  const own = pages.filter(({ isAside }) => !isAside);
  return (own.length > 0 ? own : pages).map(({ directory }) => directory);
}
