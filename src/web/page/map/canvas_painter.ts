import type { MapPictures, MapView } from '../../../gpu/point_map/point_map.ts';
import { nearestPoint } from '../../../gpu/point_map/view.ts';
import { imageData } from '../state/pixel_store.ts';
import { paintDisc } from './paint_disc.ts';
import type { Painter } from './painter.ts';

/** Draws a map by the processor: discs pixel by pixel, pictures by the browser's own two-dimensional canvas. */
export class CanvasPainter implements Painter {
  readonly #canvas: HTMLCanvasElement;
  #frame: ImageData | undefined;
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
    const frame = this.#cleared(context, width, height, ground);
    const half = (view.scale * Math.min(width, height)) / 2;
    const pictured: { readonly point: number; readonly left: number; readonly top: number }[] = [];
    for (let point = 0; point < this.#colours.length; point++) {
      const x = along(this.#earlier[2 * point]!, this.#points[2 * point]!, progress);
      const y = along(this.#earlier[2 * point + 1]!, this.#points[2 * point + 1]!, progress);
      const left = width / 2 + (x - view.x) * half;
      const top = height / 2 - (y - view.y) * half;
      if (left < -picture || top < -picture || left > width + picture || top > height + picture) continue;
      if (this.#pictures.has(point)) pictured.push({ point, left, top });
      else paintDisc(frame, left, top, disc / 2, this.#colours[point]!);
    }
    context.putImageData(frame, 0, 0);
    // Pictures lie above discs.
    for (const { point, left, top } of pictured) {
      const colour = this.#colours[point]!;
      const inner = 0.76 * picture;
      context.fillStyle = `rgb(${colour & 255} ${(colour >>> 8) & 255} ${(colour >>> 16) & 255} / ${(colour >>> 24) / 255})`;
      context.fillRect(left - picture / 2, top - picture / 2, picture, picture);
      context.drawImage(this.#pictures.get(point)!, left - inner / 2, top - inner / 2, inner, inner);
    }
    return Promise.resolve();
  }

  /** The frame's pixels, all of them the ground. */
  #cleared(
    context: CanvasRenderingContext2D,
    width: number,
    height: number,
    ground: MapView['ground'],
  ): ImageData {
    if (this.#frame?.width !== width || this.#frame.height !== height)
      this.#frame = context.createImageData(width, height);
    const { data } = this.#frame;
    data.set([...ground.map((value) => Math.round(255 * value)), 255]);
    const words = new Uint32Array(data.buffer);
    words.fill(words[0]!);
    return this.#frame;
  }

  nearest(view: MapView, across: number, down: number, reach: number): number {
    return nearestPoint(this.#points, view, across, down, reach);
  }

  destroy(): void {
    this.#pictures.clear();
  }
}

const along = (from: number, to: number, share: number): number => from + share * (to - from);
