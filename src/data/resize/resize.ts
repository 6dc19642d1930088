/** A filter that pixels are weighed by, by Pillow's name. */
export type ResizeFilter = 'bilinear' | 'bicubic';

/** All of them. */
export const resizeFilters = ['bilinear', 'bicubic'] as const satisfies readonly ResizeFilter[];

/**
 * How an image of any shape becomes a square: resized, then cut out of the centre. The square's own side stands beside it
 * (`InputRecipe.imageSize`), because a share of it would not give back the side that was rounded.
 */
export interface Resize {
  /** What pixels are weighed by, widened by the scale when shrinking. */
  readonly filter: ResizeFilter;
  /** What the shorter side becomes, in pixels; where it is less than the square's, black fills the rest. */
  readonly shorterSide: number;
  /** Whether both sides become `shorterSide`, whatever the image's shape. */
  readonly squash?: boolean;
  /** Whether the longer side becomes the square's own, so that nothing is cut off and black fills the rest. */
  readonly pad?: boolean;
}

/** The largest side that a recipe may ask for, in pixels. */
export const mostResizedSide = 4096;

/**
 * The shorter side of which a square is the given share, as timm computes it: ⌊side / share⌋.
 * @param cropShare in (0, 1]: `crop_pct`
 */
export function shorterSideOf(side: number, cropShare: number): number {
  return Math.floor(side / cropShare);
}

/** Which resized pixels a square shows. */
export interface Placement {
  /** Width of the whole resized image, in pixels. */
  readonly width: number;
  /** Height of the whole resized image, in pixels. */
  readonly height: number;
  /** Column of it at which the square begins; negative where the square is wider. */
  readonly left: number;
  /** Row of it at which the square begins; negative where the square is higher. */
  readonly top: number;
}

/**
 * Where a square lies in a resized image, as torchvision's `Resize` and `CenterCrop` have it.
 * @param width of the image as it is
 * @param height of the image as it is
 * @param size side of the square
 */
export function placeSquare(width: number, height: number, size: number, resize: Resize): Placement {
  const { shorterSide, squash = false, pad = false } = resize;
  if (pad) {
    const scale = size / Math.max(width, height);
    const side = (length: number) => Math.max(1, Math.round(length * scale));
    const [across, down] = [side(width), side(height)];
    return { width: across, height: down, left: cropStart(across, size), top: cropStart(down, size) };
  }
  const longer = Math.trunc((shorterSide * Math.max(width, height)) / Math.min(width, height));
  const resized = {
    width: squash || width <= height ? shorterSide : longer,
    height: squash || height <= width ? shorterSide : longer,
  };
  return { ...resized, left: cropStart(resized.width, size), top: cropStart(resized.height, size) };
}

/** Python's `int(round((length - size) / 2.0))`, whose halves go to the even number; padding puts its odd pixel last. */
function cropStart(length: number, size: number): number {
  const half = (length - size) / 2;
  const below = Math.floor(half);
  if (half < 0) return 0 - Math.floor(-half);
  return half === below || below % 2 === 0 ? below : below + 1;
}
