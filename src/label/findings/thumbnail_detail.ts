import type { Random } from '../../random.ts';
import { normals } from './near_pairs.ts';

/**
 * Compares grey thumbnails by the differences between neighbouring pixels, horizontal and vertical. Unlike the grey
 * levels themselves these hardly depend on brightness, and broad areas such as sky and sea do not outweigh the outlines.
 */
export class ThumbnailDetail {
  readonly side: number;
  readonly #pixels: Uint8Array;
  /** Sum of the squared differences of each image. */
  readonly #sizes: Float64Array;

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
    // The distance to a flat image.
    const flat = new Uint8Array(pixels.length / count);
    this.#sizes = Float64Array.from({ length: count }, (_, image) =>
      this.#distance(pixels, image * flat.length, flat, 0, Infinity),
    );
  }

  /**
   * 1 − ‖a − b‖² / (‖a‖² + ‖b‖²) of the differences of two images: their correlation, lowered where the contrasts
   * differ. An error of rounding in each pixel (variance 1/12, so 1/3 in each entry of a − b) is forgiven, which makes
   * flat images alike.
   * @param least where the similarity is lower, −∞ may be returned, which saves most of the work
   */
  similarity(first: number, second: number, least = -Infinity): number {
    const { side } = this;
    const pixels = this.#pixels;
    const size = this.#sizes[first]! + this.#sizes[second]!;
    const rounding = this.#rounding;
    const most = (1 - least) * size + rounding;
    const apart = this.#distance(pixels, first * side * side, pixels, second * side * side, most);
    if (apart > most) return -Infinity;
    return apart <= rounding ? 1 : 1 - (apart - rounding) / size;
  }

  /** Whether an image has hardly more differences than rounding makes. */
  isFlat(image: number): boolean {
    return this.#sizes[image]! <= 4 * this.#rounding;
  }

  /** What rounding adds to ‖a − b‖², on average. */
  get #rounding(): number {
    return (2 * this.side * (this.side - 1)) / 3;
  }

  /** ‖a − b‖² of the differences of the images that begin at two places, or what it has reached when it exceeds `most`. */
  #distance(first: Uint8Array, a: number, second: Uint8Array, b: number, most: number): number {
    const { side } = this;
    let apart = 0;
    for (let y = 0, i = 0; y < side && apart <= most; y++) {
      for (let x = 0; x < side; x++, i++) {
        const here = first[a + i]! - second[b + i]!;
        if (x + 1 < side) apart += (first[a + i + 1]! - second[b + i + 1]! - here) ** 2;
        if (y + 1 < side) apart += (first[a + i + side]! - second[b + i + side]! - here) ** 2;
      }
    }
    return apart;
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
