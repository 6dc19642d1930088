import { PNG } from 'pngjs';

/** See `Files.encodePng`. */
export async function encodePngWithPngjs(
  pixels: Uint8Array,
  width: number,
  height: number,
): Promise<Uint8Array> {
  const png = new PNG({ width, height });
  for (let pixel = 0; pixel < width * height; pixel++) {
    png.data.set(pixels.subarray(3 * pixel, 3 * pixel + 3), 4 * pixel);
    png.data[4 * pixel + 3] = 255;
  }
  return PNG.sync.write(png, { colorType: 2 });
}
