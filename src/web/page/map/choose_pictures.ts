import type { MapView } from '../../../gpu/point_map/point_map.ts';
import { stretch } from '../../../gpu/point_map/view.ts';

/**
 * Points that are to have pictures: in each square of the map that is seen the one nearest to its middle, so that
 * pictures do not cover each other.
 * @param cell side of a square, in pixels
 */
export function choosePictures(points: Float32Array, view: MapView, cell: number): Int32Array {
  const { width, height, x, y } = view;
  const [wide, high] = stretch(view);
  const best = new Map<number, { readonly point: number; readonly distance: number }>();
  for (let point = 0; point < points.length / 2; point++) {
    const left = ((1 + wide * (points[2 * point]! - x)) * width) / 2;
    const top = ((1 - high * (points[2 * point + 1]! - y)) * height) / 2;
    if (left < 0 || top < 0 || left >= width || top >= height) continue;
    const [column, row] = [Math.floor(left / cell), Math.floor(top / cell)];
    const distance = Math.hypot(left - (column + 0.5) * cell, top - (row + 0.5) * cell);
    // Near a square's edge it would cover the neighbour's.
    if (distance > 0.4 * cell) continue;
    const key = row * 4096 + column;
    if (distance < (best.get(key)?.distance ?? Number.POSITIVE_INFINITY)) best.set(key, { point, distance });
  }
  return Int32Array.from([...best.values()], ({ point }) => point);
}
