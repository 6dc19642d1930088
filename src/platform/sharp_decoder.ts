import { readFile } from 'node:fs/promises';
import { UserError } from '../errors.ts';
import { withoutPadding } from './jpeg_padding.ts';
import { isCheckout } from './node_package.ts';
import type { DecodedImage } from './platform.ts';

type Sharp = typeof import('sharp')['default'];
type SharpImage = ReturnType<Sharp>;

const MOST_PIXELS = 50e6;
let loading: Promise<Sharp> | undefined;

/**
 * Decodes an image file with sharp, on libuv's threads (their number is `UV_THREADPOOL_SIZE`, four by default):
 * see `Files.decodeImage`. Embedded colour profiles are ignored, as a page that decodes with
 * `colorSpaceConversion: 'none'` ignores them; CMYK is converted to sRGB.
 * @throws Error with a short reason; UserError where sharp itself does not load
 */
export async function decodeWithSharp(path: string, size: number): Promise<Uint8Array> {
  return (await decodeFile(path, (image) => image.resize(size, size, { fit: 'cover' }))).pixels;
}

/**
 * See `Files.decodeWhole`. The bytes of 8-bit images without alpha are those that Pillow's `convert('RGB')` gives of the
 * rotated image, CMYK aside, which Pillow converts without a profile.
 * @throws Error with a short reason; UserError where sharp itself does not load
 */
export function decodeWholeWithSharp(path: string): Promise<DecodedImage> {
  return decodeFile(path, (image) => image);
}

/** Decodes a file to RGB bytes. @param shape what is done to the decoded image before its colours are converted */
async function decodeFile(path: string, shape: (image: SharpImage) => SharpImage): Promise<DecodedImage> {
  const sharp = await (loading ??= loadSharp());
  const decode = async (input: string | Uint8Array) => {
    // Most warnings mean a damaged file, whose missing part would silently become grey.
    const image = sharp(input, {
      failOn: 'warning',
      limitInputPixels: MOST_PIXELS,
      ignoreIcc: true,
      autoOrient: true,
    });
    const { data, info } = await shape(image.flatten({ background: '#fff' }))
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    return { width, height, pixels: new Uint8Array(data.buffer, data.byteOffset, data.length) };
  };
  try {
    return await decode(path).catch(async (error: Error) => {
      // Many a camera pads its segments. The message would tell, but decodes at the same time share one buffer for it.
      const bytes = await readFile(path).catch(() => undefined);
      const cleaned = bytes && withoutPadding(bytes);
      if (cleaned === undefined) throw error;
      return decode(cleaned);
    });
  } catch (error) {
    throw new Error(shortReason(error));
  }
}

/** See `Files.imageSize`. Only the header is read. */
export async function sizeWithSharp(path: string): Promise<{ width: number; height: number }> {
  const sharp = await (loading ??= loadSharp());
  try {
    return (await sharp(path, { limitInputPixels: MOST_PIXELS }).metadata()).autoOrient;
  } catch (error) {
    throw new Error(shortReason(error));
  }
}

/** See `Files.encodeJpeg`. @throws UserError where sharp itself does not load */
export async function encodeJpegWithSharp(
  pixels: Uint8Array,
  width: number,
  height: number,
): Promise<Uint8Array> {
  const sharp = await (loading ??= loadSharp());
  const { data } = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 80 })
    .toBuffer({ resolveWithObject: true });
  return new Uint8Array(data.buffer, data.byteOffset, data.length);
}

/** Loaded at first use, since its native library costs every command a tenth of a second. */
async function loadSharp(): Promise<Sharp> {
  const { default: sharp } = await import('sharp').catch(() => {
    const advice = isCheckout()
      ? 'run "npm ci" again'
      : 'install kindred again, with the optional packages of its packages';
    throw new UserError(`images cannot be decoded, since the package sharp does not load here: ${advice}`);
  });
  // Many small images: no result is asked for twice, and parallelism comes from decoding several at once.
  sharp.cache(false);
  sharp.concurrency(1);
  // Users' folders are untrusted: only the three formats' loaders, not SVG, PDF or ImageMagick's. This holds for all
  // of the process's use of sharp.
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: ['VipsForeignLoadJpeg', 'VipsForeignLoadPng', 'VipsForeignLoadWebp'] });
  return sharp;
}

function shortReason(error: unknown): string {
  const message = (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
  if (/pixel limit/.test(message)) return 'over 50 megapixels';
  if (/unsupported image format/.test(message)) return 'not a PNG, JPEG or WebP image';
  if (/file is missing/.test(message)) return 'no such file';
  // A warning may come without its text.
  if (/premature end|read error|corrupt|unable to parse|^Warning treated/i.test(message)) {
    return 'truncated or damaged';
  }
  return `cannot be decoded (${message})`;
}
