import { createResizer } from './resize.ts';

/**
 * Makes grey thumbnails of RGB squares of one size: the triangle filter of `createResizer`, then luma as of Rec. 601.
 * @param size side of the images; they are `size`·`size`·3 bytes
 * @param side side of the thumbnails; `target` takes `side`·`side` bytes
 */
export function createThumbnailer(
  size: number,
  side: number,
): (image: Uint8Array, target: Uint8Array) => void {
  const small = new Uint8Array(side * side * 3);
  const resize = createResizer(size, size, side);
  return (image, target) => {
    resize(image, small);
    for (let pixel = 0; pixel < side * side; pixel++) {
      const [red, green, blue] = [small[3 * pixel]!, small[3 * pixel + 1]!, small[3 * pixel + 2]!];
      target[pixel] = Math.round((299 * red + 587 * green + 114 * blue) / 1000);
    }
  };
}
