/** Side of the coarse pictures, and by how many of their pixels one may be shifted. */
const side = 8;
const reach = 1;
const area = side * side;
/** Pictures that lie ready. */
const slots = 256;

/**
 * Whether two thumbnails may show one scene, shifted by two pixels at most: by the correlation of the differences between
 * neighbouring pixels at half the resolution, at the best of nine shifts. It takes a thirtieth of the time of a
 * `FrameDifference`, and rules out pictures that have little in common.
 */
export class CoarseLikeness {
  readonly #pixels: Uint8Array;
  readonly #step: number;
  readonly #side: number;
  readonly #pictures = new Float32Array(slots * area);
  readonly #owners = new Int32Array(slots).fill(-1);

  /** @param pixels N·side·side grey levels, row by row, image after image */
  constructor(pixels: Uint8Array, count: number) {
    this.#pixels = pixels;
    this.#side = Math.sqrt(pixels.length / count);
    this.#step = Math.floor(this.#side / side);
  }

  /** Whether the correlation at some shift is at least so large; true where thumbnails are too small to tell. */
  reaches(least: number, first: number, second: number): boolean {
    if (this.#step < 1) return true;
    const a = this.#picture(first, 0);
    const b = this.#picture(second, 1);
    // As they lie first: most that are alike at all are so there.
    if (this.#correlation(a, b, 0, 0) >= least) return true;
    for (let y = -reach; y <= reach; y++) {
      for (let x = -reach; x <= reach; x++) {
        if ((x !== 0 || y !== 0) && this.#correlation(a, b, x, y) >= least) return true;
      }
    }
    return false;
  }

  /** Where the coarse picture of an image begins. Two kinds of slots, so that no pair shares one. */
  #picture(image: number, kind: 0 | 1): number {
    const slot = 2 * (image % (slots / 2)) + kind;
    const to = slot * area;
    if (this.#owners[slot] === image) return to;
    this.#owners[slot] = image;
    const [step, width] = [this.#step, this.#side];
    const from = image * width * width;
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        let sum = 0;
        for (let row = y * step; row < (y + 1) * step; row++) {
          for (let column = x * step; column < (x + 1) * step; column++)
            sum += this.#pixels[from + row * width + column]!;
        }
        this.#pictures[to + y * side + x] = sum;
      }
    }
    return to;
  }

  #correlation(a: number, b: number, right: number, down: number): number {
    const pictures = this.#pictures;
    const [width, height] = [side - Math.abs(right), side - Math.abs(down)];
    const [fromX, fromY] = [Math.max(0, -right), Math.max(0, -down)];
    let [squaresA, squaresB, products] = [0, 0, 0];
    for (let y = fromY; y < fromY + height; y++) {
      const own = a + y * side;
      const other = b + (y + down) * side + right;
      for (let x = fromX; x < fromX + width; x++) {
        if (x + 1 < fromX + width) {
          const p = pictures[own + x + 1]! - pictures[own + x]!;
          const q = pictures[other + x + 1]! - pictures[other + x]!;
          squaresA += p * p;
          squaresB += q * q;
          products += p * q;
        }
        if (y + 1 < fromY + height) {
          const p = pictures[own + side + x]! - pictures[own + x]!;
          const q = pictures[other + side + x]! - pictures[other + x]!;
          squaresA += p * p;
          squaresB += q * q;
          products += p * q;
        }
      }
    }
    const size = Math.sqrt(squaresA * squaresB);
    return size > 0 ? products / size : 1;
  }
}
