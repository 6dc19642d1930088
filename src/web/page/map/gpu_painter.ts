import type { MapPictures, MapView, PointMap } from '../../../gpu/point_map/point_map.ts';
import type { Painter } from './painter.ts';

/** Draws a map by the GPU, and puts its pixels on the canvas. */
export class GpuPainter implements Painter {
  readonly #canvas: HTMLCanvasElement;
  readonly #map: PointMap;

  constructor(canvas: HTMLCanvasElement, map: PointMap) {
    this.#canvas = canvas;
    this.#map = map;
  }

  setPoints(points: Float32Array, colours: Uint32Array): void {
    this.#map.setPoints(points, colours);
  }

  setColours(colours: Uint32Array): void {
    this.#map.setColours(colours);
  }

  setPictures(pictures: MapPictures): void {
    this.#map.setPictures(pictures);
  }

  async draw(view: MapView): Promise<void> {
    const pixels = await this.#map.draw(view);
    this.#canvas.getContext('2d')!.putImageData(new ImageData(pixels, view.width, view.height), 0, 0);
  }

  nearest(view: MapView, across: number, down: number, reach: number): number {
    return this.#map.nearest(view, across, down, reach);
  }

  destroy(): void {
    this.#map.destroy();
  }
}
