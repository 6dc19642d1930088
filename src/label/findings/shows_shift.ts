/** A picture that is so much like itself when shifted repeats itself. */
const repeats = 0.8;
/** Of 16 equal parts of the picture so many must show detail for the whole frame to have moved, not a thing in it. */
const movedParts = 12;

/**
 * Whether a shift of a picture can be told from the picture: where detail covers it, so that the frame has moved and not a
 * thing in it, and where it does not repeat itself, as stripes and grids do, which can be brought on others of any phase.
 * @param pixels grey levels, in which the picture's begin at `first`, row by row
 * @param most shifts that are looked at for repetitions, in pixels
 */
export function showsShift(pixels: Uint8Array, first: number, side: number, most: number): boolean {
  const picture = { pixels, first, side };
  return isCovered(picture) && !isPeriodic(picture, most);
}

interface Picture {
  readonly pixels: Uint8Array;
  readonly first: number;
  readonly side: number;
}

/** Whether nearly every part has more detail than noise makes. */
function isCovered({ pixels, first, side }: Picture): boolean {
  const part = Math.floor(side / 4);
  let covered = 0;
  for (let top = 0; top + part <= 4 * part; top += part) {
    for (let start = 0; start + part <= 4 * part; start += part) {
      let detail = 0;
      for (let y = top; y < top + part; y++) {
        for (let x = start; x < start + part; x++) {
          const i = first + y * side + x;
          if (x + 1 < side) detail += (pixels[i + 1]! - pixels[i]!) ** 2;
          if (y + 1 < side) detail += (pixels[i + side]! - pixels[i]!) ** 2;
        }
      }
      if (detail > 2 * part * part) covered++;
    }
  }
  return covered >= movedParts;
}

/** Whether the picture is like itself at some shift of at least two pixels, and not half-way, as it is along an edge. */
function isPeriodic(picture: Picture, most: number): boolean {
  const edges = edgesOf(picture);
  for (let down = 0; down <= most; down++) {
    for (let right = down === 0 ? 2 : -most; right <= most; right++) {
      if (Math.max(down, Math.abs(right)) < 2) continue;
      if (selfSimilarity(edges, right, down, repeats) < repeats) continue;
      if (selfSimilarity(edges, Math.trunc(right / 2), Math.trunc(down / 2)) < repeats / 2) return true;
    }
  }
  return false;
}

/** Differences to the next pixel, of those that have one both ways; and the sum of their squares. */
interface Edges {
  readonly side: number;
  readonly right: Int16Array;
  readonly down: Int16Array;
  readonly squares: number;
}

function edgesOf({ pixels, first, side: width }: Picture): Edges {
  const side = width - 1;
  const right = new Int16Array(side * side);
  const down = new Int16Array(side * side);
  let squares = 0;
  for (let y = 0, at = 0; y < side; y++) {
    for (let x = 0; x < side; x++, at++) {
      const i = first + y * width + x;
      right[at] = pixels[i + 1]! - pixels[i]!;
      down[at] = pixels[i + width]! - pixels[i]!;
      squares += right[at]! ** 2 + down[at]! ** 2;
    }
  }
  return { side, right, down, squares };
}

/**
 * 1 − ‖a − b‖² / (‖a‖² + ‖b‖²) of the edges of the picture and of the same picture shifted, where both have some.
 * @param least where the similarity is lower, −∞ may be returned, which saves most of the work
 */
function selfSimilarity(
  { side, right, down, squares }: Edges,
  byRight: number,
  byDown: number,
  least = -Infinity,
): number {
  const shift = byDown * side + byRight;
  const most = (1 - least) * 2 * squares;
  let [apart, size] = [0, 0];
  for (let y = 0; y + byDown < side; y++) {
    for (let x = Math.max(0, -byRight); x + Math.max(0, byRight) < side; x++) {
      const i = y * side + x;
      const [ownRight, ownDown] = [right[i]!, down[i]!];
      const [otherRight, otherDown] = [right[i + shift]!, down[i + shift]!];
      apart += (ownRight - otherRight) ** 2 + (ownDown - otherDown) ** 2;
      size += ownRight ** 2 + otherRight ** 2 + ownDown ** 2 + otherDown ** 2;
    }
    if (apart > most) return -Infinity;
  }
  return size > 0 ? 1 - apart / size : 1;
}
