import type { MapView } from '../../../gpu/point_map/point_map.ts';
import { choosePictures } from './choose_pictures.ts';
import { openPainter } from './open_painter.ts';
import type { Painter } from './painter.ts';

/** Points move to their next place in this time, in milliseconds. */
const glide = 500;
/** A pointer this far from a point, in pixels of the page, means it. */
const reach = 14;
/** A picture is shown in about every such square of the map, in pixels of the page. */
const cell = 54;
const pictureSide = 36;
/** Pictures are chosen anew when the map has rested for so long, in milliseconds. */
const rest = 250;
const whole = { x: 0, y: 0, scale: 0.92 };
const closest = 40;

/** Fetches the packed squares of points: side·side·3 bytes RGB each. */
export type FetchPictures = (
  points: Int32Array,
) => Promise<{ readonly pixels: Uint8Array; readonly side: number }>;

/** What is drawn, from where to where it moves, and what is seen of it. */
export class MapState {
  readonly #canvas: HTMLCanvasElement;

  readonly #fetch: FetchPictures;
  readonly #observer: ResizeObserver;
  #painter: Painter | undefined;
  #isOpen = true;
  #points = new Float32Array(0);
  #colours = new Uint32Array(0);
  #ground: MapView['ground'] = [1, 1, 1];
  #seen = whole;
  #ratio = 1;
  #since = 0;
  #isDrawing = false;
  #isStale = false;
  #rest: ReturnType<typeof setTimeout> | undefined;
  #held: { x: number; y: number; moved: boolean } | undefined;

  constructor(canvas: HTMLCanvasElement, software: boolean, fetch: FetchPictures) {
    this.#canvas = canvas;

    this.#fetch = fetch;
    canvas.addEventListener('wheel', this.#wheel, { passive: false });
    this.#observer = new ResizeObserver(() => {
      this.#ratio = Math.min(2, devicePixelRatio);
      const side = Math.max(1, Math.round(canvas.clientWidth * this.#ratio));
      if (canvas.width !== side) canvas.width = canvas.height = side;
      this.#changed();
    });
    this.#observer.observe(canvas);
    void this.#open(software);
  }

  /** Gives everything back. */
  close(): void {
    this.#isOpen = false;
    clearTimeout(this.#rest);
    this.#observer.disconnect();
    this.#canvas.removeEventListener('wheel', this.#wheel);
    this.#painter?.destroy();
    this.#painter = undefined;
  }

  /** Shows points; where there were as many, they move there. */
  show(points: Float32Array, colours: Uint32Array, ground: MapView['ground']): void {
    this.#ground = ground;
    this.#colours = colours as Uint32Array<ArrayBuffer>;
    if (points === this.#points) this.#painter?.setColours(colours);
    else {
      const moves = points.length === this.#points.length && !matchMedia('(prefers-reduced-motion)').matches;
      this.#points = points as Float32Array<ArrayBuffer>;
      this.#painter?.setPoints(points, colours);
      this.#since = moves ? performance.now() : 0;
    }
    this.#changed();
  }

  /** The number of the point under a place of the canvas, in pixels of the page; −1 where there is none. */
  under(left: number, top: number): number {
    const ratio = this.#ratio;
    return this.#painter?.nearest(this.#view(), left * ratio, top * ratio, reach * ratio) ?? -1;
  }

  /** A pointer goes down. */
  take({ offsetX, offsetY, pointerId }: PointerEvent): void {
    this.#held = { x: offsetX, y: offsetY, moved: false };
    this.#canvas.setPointerCapture(pointerId);
  }

  /** A pointer moves. @returns whether the map moves with it */
  drag({ offsetX, offsetY }: PointerEvent): boolean {
    if (!this.#held) return false;
    const [right, down] = [offsetX - this.#held.x, offsetY - this.#held.y];
    if (!this.#held.moved && Math.hypot(right, down) < 4) return false;
    const unit = (this.#canvas.clientWidth / 2) * this.#seen.scale;
    this.#held = { x: offsetX, y: offsetY, moved: true };
    this.#look({ ...this.#seen, x: this.#seen.x - right / unit, y: this.#seen.y + down / unit });
    return true;
  }

  /** The pointer goes up. @returns whether the map was moved */
  release(): boolean {
    const moved = this.#held?.moved ?? false;
    this.#held = undefined;
    return moved;
  }

  /** Enlarges what lies at a place of the canvas, by default its middle. */
  zoom(factor: number, left = this.#canvas.clientWidth / 2, top = this.#canvas.clientHeight / 2): void {
    const half = this.#canvas.clientWidth / 2;
    const { x, y, scale: before } = this.#seen;
    const [across, up] = [x + (left - half) / half / before, y - (top - half) / half / before];
    const scale = Math.min(closest, before * factor);
    const share = before / scale;
    const moved = { x: across + (x - across) * share, y: up + (y - up) * share, scale };
    this.#look(scale <= whole.scale ? whole : moved);
  }

  /** Shows all of it. */
  reset(): void {
    this.#look(whole);
  }

  async #open(software: boolean): Promise<void> {
    const painter = await openPainter(this.#canvas, software, () => void (this.#isOpen && this.#open(true)));
    if (!this.#isOpen) return painter.destroy();
    this.#painter = painter;
    painter.setPoints(this.#points, this.#colours);
    this.#changed();
  }

  readonly #wheel = (event: WheelEvent) => {
    // Without a key the wheel scrolls the page.
    if (!event.ctrlKey && !event.metaKey && !event.shiftKey) return;
    event.preventDefault();
    this.zoom(Math.exp(-(event.deltaY || event.deltaX) / 400), event.offsetX, event.offsetY);
  };

  #view(progress = 1): MapView {
    const { width, height } = this.#canvas;
    const count = this.#points.length / 2;
    // Few points are large, many small, so that a map is neither empty nor a blot; they grow a little with what is seen.
    const disc = Math.max(
      2.5,
      Math.min(11, (width / 2.6 / Math.sqrt(count + 1)) * Math.sqrt(this.#seen.scale)),
    );
    const [picture, ground] = [pictureSide * this.#ratio, this.#ground];
    return { width, height, ...this.#seen, disc: disc * this.#ratio, picture, ground, progress };
  }

  #look(seen: typeof whole): void {
    this.#seen = seen;
    this.#changed();
  }

  #changed(): void {
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => void this.#choose().catch(() => {}), rest + glide);
    this.#redraw();
  }

  #redraw(): void {
    this.#isStale = true;
    if (this.#isDrawing || !this.#painter) return;
    this.#isDrawing = true;
    requestAnimationFrame(() => void this.#paint());
  }

  async #paint(): Promise<void> {
    const share = Math.min(1, (performance.now() - this.#since) / glide);
    this.#isStale = share < 1;
    try {
      await this.#painter?.draw(this.#view(share * (2 - share)));
    } catch {
      // The device is lost: another painter takes over.
    }
    this.#isDrawing = false;
    if (this.#isStale && this.#isOpen) this.#redraw();
  }

  /** Gives some of the points in sight pictures. */
  async #choose(): Promise<void> {
    const [shown, painter] = [this.#points, this.#painter];
    const points = choosePictures(shown, this.#view(), cell * this.#ratio);
    if (points.length === 0 || !painter) return;
    const fetched = await this.#fetch(points);
    if (shown !== this.#points || painter !== this.#painter) return;
    painter.setPictures({ ...fetched, points });
    this.#redraw();
  }
}
