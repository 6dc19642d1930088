import type { DecodedImage } from '../../platform.ts';

/** Pixels that are read back at a time. */
const stripPixels = 1 << 20;

let canvas: OffscreenCanvas | undefined;

/**
 * Decodes what the browser decodes, at full size: as Node does without colour profiles, and over white.
 * @param turn whether the image is turned as its Exif data say; some browsers do not know them in every kind of file
 * @throws Error with a short reason
 */
export async function decodeInBrowser(file: Blob, turn: boolean): Promise<DecodedImage> {
  const bitmap = await createImageBitmap(file, {
    imageOrientation: turn ? 'from-image' : 'none',
    premultiplyAlpha: 'none',
    colorSpaceConversion: 'none',
  }).catch(() => {
    throw new Error('truncated or damaged');
  });
  try {
    return pixelsOf(bitmap);
  } finally {
    bitmap.close();
  }
}

/** The pixels over white. They are read back in strips, so that no second copy of a large image lies in memory. */
function pixelsOf(bitmap: ImageBitmap): DecodedImage {
  const { width, height } = bitmap;
  const pixels = new Uint8Array(3 * width * height);
  const rows = Math.max(1, Math.min(height, Math.floor(stripPixels / width)));
  const context = blank(width, rows);
  for (let top = 0; top < height; top += rows) {
    context.fillRect(0, 0, width, rows);
    context.drawImage(bitmap, 0, -top);
    const count = Math.min(rows, height - top);
    const { data } = context.getImageData(0, 0, width, count);
    let to = 3 * top * width;
    for (let from = 0; from < data.length; from += 4) {
      pixels[to++] = data[from]!;
      pixels[to++] = data[from + 1]!;
      pixels[to++] = data[from + 2]!;
    }
  }
  return { width, height, pixels };
}

/** The canvas in this size. */
function blank(width: number, height: number): OffscreenCanvasRenderingContext2D {
  canvas ??= new OffscreenCanvas(width, height);
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  // Kept in main memory, where it is read from.
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.fillStyle = '#fff';
  return context;
}
