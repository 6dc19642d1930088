/** See `Files.encodeJpeg`. */
export const encodeJpegWithCanvas = (pixels: Uint8Array, width: number, height: number) =>
  encodeWithCanvas(pixels, width, height, { type: 'image/jpeg', quality: 0.8 });

/** See `Files.encodePng`. */
export const encodePngWithCanvas = (pixels: Uint8Array, width: number, height: number) =>
  encodeWithCanvas(pixels, width, height, { type: 'image/png' });

/** An image file's bytes from RGB ones, by the browser's own encoders. */
async function encodeWithCanvas(
  pixels: Uint8Array,
  width: number,
  height: number,
  format: ImageEncodeOptions,
): Promise<Uint8Array> {
  const canvas = new OffscreenCanvas(width, height);
  const image = new ImageData(width, height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    image.data.set(pixels.subarray(3 * pixel, 3 * pixel + 3), 4 * pixel);
    image.data[4 * pixel + 3] = 255;
  }
  canvas.getContext('2d')!.putImageData(image, 0, 0);
  const file = await canvas.convertToBlob(format);
  return new Uint8Array(await file.arrayBuffer());
}
