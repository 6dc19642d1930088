/** What part of the map is seen, how large, and on what. */
export interface MapView {
  /** Size of the picture, in pixels. */
  readonly width: number;
  /** Its height. */
  readonly height: number;
  /** The point of the map in the middle; y grows upwards. */
  readonly x: number;
  /** Its other coordinate. */
  readonly y: number;
  /** 1: the square from −1 to 1 fills the shorter side. */
  readonly scale: number;
  /** Diameter of a disc, in pixels. */
  readonly disc: number;
  /** Side of a picture, its frame included, in pixels. */
  readonly picture: number;
  /** Red, green and blue of the ground, 0 … 1. */
  readonly ground: readonly [number, number, number];
  /** How far points have come on the way from where the earlier ones were, 0 … 1; 1 by default. */
  readonly progress?: number;
}

/** Canvas coordinates (−1 … 1) for a step of 1 on the map, across and up. */
export function stretch({ width, height, scale }: MapView): [number, number] {
  const side = Math.min(width, height);
  return [(scale * side) / width, (scale * side) / height];
}

/**
 * The point nearest to a place on the picture; −1 where there is none within `reach`.
 * @param points x and y of each
 * @param across pixels from its left edge
 * @param down pixels from its top
 * @param reach in pixels
 */
export function nearestPoint(
  points: Float32Array,
  view: MapView,
  across: number,
  down: number,
  reach: number,
): number {
  const { width, height, x, y } = view;
  const [wide, high] = stretch(view);
  let [nearest, least] = [-1, reach * reach];
  for (let point = 0; point < points.length / 2; point++) {
    const right = (1 + wide * (points[2 * point]! - x)) * (width / 2) - across;
    const below = (1 - high * (points[2 * point + 1]! - y)) * (height / 2) - down;
    const distance = right * right + below * below;
    if (distance <= least) [nearest, least] = [point, distance];
  }
  return nearest;
}
