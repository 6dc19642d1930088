import type { MapPictures, MapView } from '../../../gpu/point_map/point_map.ts';

/** Draws a map on a canvas; the pictures and points are those of `PointMap`. */
export interface Painter {
  setPoints(points: Float32Array, colours: Uint32Array): void;
  setColours(colours: Uint32Array): void;
  setPictures(pictures: MapPictures): void;
  /** Draws. One at a time: wait for it before the next. */
  draw(view: MapView): Promise<void>;
  nearest(view: MapView, across: number, down: number, reach: number): number;
  destroy(): void;
}
