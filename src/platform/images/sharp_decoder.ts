import { readFile } from 'node:fs/promises';
import { repairedJpeg } from '../../formats/jpeg/repair.ts';
import type { DecodedImage, Fit } from '../platform.ts';
import { loadSharp, mostPixels, type SharpImage, type SharpInput, shortReason, strict } from './sharp.ts';

/** sharp's names of the ways to a square. */
const sharpFits = { crop: 'cover', pad: 'contain', squash: 'fill' } as const satisfies Record<Fit, string>;

/** What is done to a decoded image before its colours are converted. */
type Shape = (image: SharpImage, whole: { readonly width: number; readonly height: number }) => SharpImage;

/** Brings images to squares of one side; see `Files.decodeImage`. */
export const square =
  (size: number, fit: Fit = 'crop'): Shape =>
  (image) =>
    image.resize(size, size, { fit: sharpFits[fit], background: '#000' });

/** Leaves images as they are. */
export const whole: Shape = (image) => image;

/**
 * Decodes what has 8 bits to RGB, on libuv's threads (their number is `UV_THREADPOOL_SIZE`, four by default). Embedded
 * colour profiles are ignored, as a page that decodes with `colorSpaceConversion: 'none'` ignores them; CMYK is converted
 * to sRGB. The bytes of whole images without alpha are those that Pillow's `convert('RGB')` gives of the rotated image,
 * CMYK aside, which Pillow converts without a profile.
 * @throws Error with a short reason; UserError where sharp itself does not load
 */
export async function decodePlain(input: SharpInput, page: number, shape: Shape): Promise<DecodedImage> {
  const sharp = await loadSharp();
  try {
    return await rgbOf(
      shape(sharp(input, { ...strict, ...(page > 0 && { page }) }), { width: 0, height: 0 }),
    );
  } catch (error) {
    throw new Error(shortReason(error));
  }
}

/**
 * Decodes a JPEG file: as `decodePlain` does, a complete one also where libjpeg warns of it, and one of more than 50
 * megapixels as far as it can be decoded smaller.
 * @param reduce makes a large image smaller while it is decoded
 */
export async function decodeJpeg(input: SharpInput, shape: Shape, reduce: Shape): Promise<DecodedImage> {
  try {
    return await decodeStrictly(input, shape, reduce).catch(async (error: Error) => {
      // The message would tell what is odd, but decodes at the same time share one buffer for it.
      const repaired = repairedJpeg(typeof input === 'string' ? await readFile(input) : input);
      if (!repaired) throw error;
      if (repaired.isComplete) return decodeStrictly(repaired.bytes, shape, reduce);
      // All of it is decoded, so that the decoder passes over nothing that it would warn of.
      const image = await decodeStrictly(repaired.bytes, whole, whole);
      return shape === whole ? image : shapedRgb(image, shape);
    });
  } catch (error) {
    throw new Error(shortReason(error));
  }
}

async function decodeStrictly(input: SharpInput, shape: Shape, reduce: Shape): Promise<DecodedImage> {
  const sharp = await loadSharp();
  return rgbOf(shape(sharp(input, strict), { width: 0, height: 0 })).catch(async (error: Error) => {
    if (!/pixel limit/.test(error.message)) throw error;
    const { isProgressive, autoOrient } = await sharp(input, { limitInputPixels: false }).metadata();
    // Of a sequential JPEG only a few rows lie in memory at a time; a progressive one needs all of its coefficients.
    if (isProgressive) throw error;
    return rgbOf(reduce(sharp(input, { ...strict, limitInputPixels: false }), autoOrient));
  });
}

/** Sides halved until the image has no more than 50 megapixels, and again while its shorter side keeps this many pixels. */
const enoughPixels = 2048;

/** Makes a large image one of at most 50 megapixels that is still sharper than any encoder sees it. */
export const reduced: Shape = (image, { width, height }) => {
  let by = 2;
  while ((width * height) / by ** 2 > mostPixels || Math.min(width, height) / (2 * by) >= enoughPixels)
    by *= 2;
  return image.resize(Math.ceil(width / by), Math.ceil(height / by), { fit: 'fill' });
};

/** Shapes an image whose pixels are there. */
export async function shapedRgb(
  { width, height, pixels }: DecodedImage,
  shape: Shape,
): Promise<DecodedImage> {
  const sharp = await loadSharp();
  return rgbOf(shape(sharp(pixels, { raw: { width, height, channels: 3 } }), { width, height }));
}

async function rgbOf(image: SharpImage): Promise<DecodedImage> {
  const { data, info } = await image
    .flatten({ background: '#fff' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  return { width, height, pixels: new Uint8Array(data.buffer, data.byteOffset, data.length) };
}

/** Width and height of an image as it is seen. Only the header is read. */
export async function sizeOf(
  input: SharpInput,
  page: number,
  limit: number | false,
): Promise<{ width: number; height: number }> {
  const sharp = await loadSharp();
  try {
    const { autoOrient } = await sharp(input, {
      limitInputPixels: limit,
      ...(page > 0 && { page }),
    }).metadata();
    return autoOrient;
  } catch (error) {
    throw new Error(shortReason(error));
  }
}

/** Encodes RGB bytes as JPEG; see `Files.encodeJpeg`. @throws UserError where sharp itself does not load */
export async function encodeJpegWithSharp(
  pixels: Uint8Array,
  width: number,
  height: number,
): Promise<Uint8Array> {
  const sharp = await loadSharp();
  const { data } = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 80 })
    .toBuffer({ resolveWithObject: true });
  return new Uint8Array(data.buffer, data.byteOffset, data.length);
}
