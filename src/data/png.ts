import { PNG } from 'pngjs';

/** A square RGB image (row by row, 3 bytes a pixel) as a PNG file's bytes. */
export function encodePng(pixels: Uint8Array, size: number): Uint8Array {
  const png = new PNG({ width: size, height: size });
  for (let pixel = 0; pixel < size * size; pixel++) {
    png.data.set(pixels.subarray(3 * pixel, 3 * pixel + 3), 4 * pixel);
    png.data[4 * pixel + 3] = 255;
  }
  return PNG.sync.write(png, { colorType: 2 });
}
