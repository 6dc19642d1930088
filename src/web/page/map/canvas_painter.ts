import type { MapPictures, MapView } from '../../../gpu/point_map/point_map.ts';
import { nearestPoint } from '../../../gpu/point_map/view.ts';
import { imageData } from '../state/pixel_store.ts';
import type { Painter } from './painter.ts';

/** Draws a map by the browser's own two-dimensional canvas. */
export class CanvasPainter implements Painter {
  readonly #canvas: HTMLCanvasElement;
  #earlier = new Float32Array(0);
  #points = new Float32Array(0);
  #colours = new Uint32Array(0);
  readonly #pictures = new Map<number, HTMLCanvasElement>();

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
  }

  setPoints(points: Float32Array, colours: Uint32Array): void {
    const own = points.slice();
    this.#earlier = this.#points.length === own.length ? this.#points : own;
    if (this.#points.length !== own.length) this.#pictures.clear();
    this.#points = own;
    this.setColours(colours);
  }

  setColours(colours: Uint32Array): void {
    this.#colours = colours.slice();
  }

  setPictures({ pixels, side, points }: MapPictures): void {
    this.#pictures.clear();
    const bytes = 3 * side ** 2;
    points.forEach((point, at) => {
      const canvas = document.createElement('canvas');
      canvas.width = canvas.height = side;
      const own = pixels.subarray(at * bytes, (at + 1) * bytes);
      canvas.getContext('2d')!.putImageData(imageData(own, side), 0, 0);
      this.#pictures.set(point, canvas);
    });
  }

  draw(view: MapView): Promise<void> {
    const { width, height, disc, picture, ground, progress = 1 } = view;
    const context = this.#canvas.getContext('2d')!;
    context.fillStyle = `rgb(${ground.map((value) => Math.round(255 * value)).join(' ')})`;
    context.fillRect(0, 0, width, height);
    const half = (view.scale * Math.min(width, height)) / 2;
    let colour = -1;
    for (let at = 0; at < this.#colours.length; at++) {
      const x = along(this.#earlier[2 * at]!, this.#points[2 * at]!, progress);
      const y = along(this.#earlier[2 * at + 1]!, this.#points[2 * at + 1]!, progress);
      const left = width / 2 + (x - view.x) * half;
      const top = height / 2 - (y - view.y) * half;
      if (left < -picture || top < -picture || left > width + picture || top > height + picture) continue;
      if (colour !== this.#colours[at]) {
        colour = this.#colours[at]!;
        context.fillStyle = `rgb(${colour & 255} ${(colour >>> 8) & 255} ${(colour >>> 16) & 255} / ${(colour >>> 24) / 255})`;
      }
      const shown = this.#pictures.get(at);
      if (shown) {
        const inner = 0.76 * picture;
        context.fillRect(left - picture / 2, top - picture / 2, picture, picture);
        context.drawImage(shown, left - inner / 2, top - inner / 2, inner, inner);
      } else {
        context.beginPath();
        context.arc(left, top, disc / 2, 0, 2 * Math.PI);
        context.fill();
      }
    }
    return Promise.resolve();
  }

  nearest(view: MapView, across: number, down: number, reach: number): number {
    return nearestPoint(this.#points, view, across, down, reach);
  }

  destroy(): void {
    this.#pictures.clear();
  }
}

const along = (from: number, to: number, share: number): number => from + share * (to - from);
