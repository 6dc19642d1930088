import type { Random } from '../../random.ts';
import { normals } from './near_pairs.ts';

/**
 * Compares grey thumbnails by the differences between neighbouring pixels, horizontal and vertical. Unlike the grey
 * levels themselves these hardly depend on brightness, and broad areas such as sky and sea do not outweigh the outlines.
 */
export class ThumbnailDetail {
  readonly side: number;
  readonly #pixels: Uint8Array;

  /**
   * @param pixels N·side·side grey levels, row by row, image after image
   * @throws RangeError where the images are not squares of at least 2 pixels
   */
  constructor(pixels: Uint8Array, count: number) {
    this.side = Math.sqrt(pixels.length / count);
    if (!(Number.isInteger(this.side) && this.side >= 2)) {
      throw new RangeError(`${pixels.length} grey levels are not ${count} square thumbnails`);
    }
    this.#pixels = pixels;
  }

  /**
   * 1 − ‖a − b‖² / (‖a‖² + ‖b‖²) of the differences of two images: their correlation, lowered where the contrasts
   * differ. An error of rounding in each pixel (variance 1/12, so 1/3 in each entry of a − b) is forgiven, which makes
   * flat images alike.
   */
  similarity(first: number, second: number): number {
    const { side } = this;
    const pixels = this.#pixels;
    const a = first * side * side;
    const b = second * side * side;
    let apart = 0;
    let size = 0;
    for (let y = 0, i = 0; y < side; y++) {
      for (let x = 0; x < side; x++, i++) {
        if (x + 1 < side) {
          const da = pixels[a + i + 1]! - pixels[a + i]!;
          const db = pixels[b + i + 1]! - pixels[b + i]!;
          apart += (da - db) * (da - db);
          size += da * da + db * db;
        }
        if (y + 1 < side) {
          const da = pixels[a + i + side]! - pixels[a + i]!;
          const db = pixels[b + i + side]! - pixels[b + i]!;
          apart += (da - db) * (da - db);
          size += da * da + db * db;
        }
      }
    }
    const rounding = (2 * side * (side - 1)) / 3;
    return apart <= rounding ? 1 : 1 - (apart - rounding) / size;
  }

  /** Grey levels of `size` images from `first` on. */
  block(first: number, size: number): Float32Array {
    const area = this.side * this.side;
    return Float32Array.from(this.#pixels.subarray(first * area, (first + size) * area));
  }

  /** Weights of the grey levels whose sum is the sum of all differences, each with its own normal weight. */
  direction(random: Random): Float64Array {
    const { side } = this;
    const weights = new Float64Array(side * side);
    const edges = normals(2 * side * (side - 1), random);
    let edge = 0;
    for (let y = 0, i = 0; y < side; y++) {
      for (let x = 0; x < side; x++, i++) {
        if (x + 1 < side) {
          weights[i + 1]! += edges[edge]!;
          weights[i]! -= edges[edge++]!;
        }
        if (y + 1 < side) {
          weights[i + side]! += edges[edge]!;
          weights[i]! -= edges[edge++]!;
        }
      }
    }
    return weights;
  }
}
