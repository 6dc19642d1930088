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

/** What browsers have that decode images from bytes at once (https://www.w3.org/TR/webcodecs/#imagedecoder-interface). */
interface BytesDecoder {
  decode(): Promise<{ readonly image: VideoFrame }>;
  close(): void;
}
const { ImageDecoder } = globalThis as {
  ImageDecoder?: new (init: {
    readonly data: BufferSource;
    readonly type: string;
    readonly colorSpaceConversion: 'none';
    /** Whether an animation's first picture counts, or the one that stands for it where none is shown. */
    readonly preferAnimation: boolean;
  }) => BytesDecoder;
};

/**
 * Decodes a PNG file of which the bytes are at hand, to what `decodeInBrowser` gives without turning it: a bitmap
 * would have the browser fetch them anew, which takes longer than to decode a small image.
 * @returns undefined where this browser cannot, or the file is damaged
 */
export async function decodePngBytes(bytes: Uint8Array): Promise<DecodedImage | undefined> {
  if (!ImageDecoder) return undefined;
  const data = bytes as Uint8Array<ArrayBuffer>;
  const decoder = new ImageDecoder({
    data,
    type: 'image/png',
    colorSpaceConversion: 'none',
    preferAnimation: false,
  });
  try {
    const { image } = await decoder.decode();
    try {
      const { codedWidth: width, codedHeight: height } = image;
      const seen = new Uint8Array(image.allocationSize({ format: 'RGBA' }));
      await image.copyTo(seen, { format: 'RGBA' });
      return { width, height, pixels: overWhite(seen) };
    } finally {
      image.close();
    }
  } catch {
    return undefined;
  } finally {
    decoder.close();
  }
}

/** RGB of RGBA pixels over white. */
function overWhite(seen: Uint8Array): Uint8Array {
  const pixels = new Uint8Array((seen.length / 4) * 3);
  for (let from = 0, to = 0; from < seen.length; from += 4) {
    const alpha = seen[from + 3]!;
    for (let c = 0; c < 3; c++) {
      const value = seen[from + c]!;
      pixels[to++] = alpha === 255 ? value : Math.round((value * alpha + 255 * (255 - alpha)) / 255);
    }
  }
  return pixels;
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
