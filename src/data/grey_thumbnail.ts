import { createResizer } from './resize/triangle_resizer.ts';

/**
 * Makes grey thumbnails of RGB squares of one size: luma as of Rec. 601, then the triangle filter of `createResizer`.
 * @param size side of the images; they are `size`·`size`·3 bytes
 * @param side side of the thumbnails; `target` takes `side`·`side` bytes
 */
export function createThumbnailer(
  size: number,
  side: number,
): (image: Uint8Array, target: Uint8Array) => void {
  const grey = new Uint8Array(size * size);
  const resize = createResizer(size, size, side, 1);
  return (image, target) => {
    for (let pixel = 0, byte = 0; pixel < grey.length; pixel++, byte += 3) {
      // Sums to 1000, so white stays 255; the half rounds.
      grey[pixel] = (299 * image[byte]! + 587 * image[byte + 1]! + 114 * image[byte + 2]! + 500) / 1000;
    }
    resize(grey, target);
  };
}
