/** What part of the map is seen: the middle, in the map's coordinates, and how much larger than the whole. */
export interface MapView {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

/** Draws points on a canvas. */
export interface MapPainter {
  /** @param points x and y of each, −1 … 1 @param colours of each, four bytes R, G, B, A */
  setPoints(points: Float32Array, colours: Uint32Array): void;
  /** Sets what is seen. */
  view(view: MapView): void;
  /** Draws. */
  draw(): void;
  /** The point that is nearest to a place of the map's coordinates; −1 where there is none. */
  nearest(x: number, y: number): number;
  /** Gives back what it holds. */
  destroy(): void;
}

/** Draws by the browser's own two-dimensional canvas: where the page itself has no WebGPU. */
export class CanvasPainter implements MapPainter {
  readonly #canvas: HTMLCanvasElement;
  #points = new Float32Array(0);
  #colours = new Uint32Array(0);
  #view: MapView = { x: 0, y: 0, scale: 1 };

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
  }

  setPoints(points: Float32Array, colours: Uint32Array): void {
    this.#points = points as Float32Array<ArrayBuffer>;
    this.#colours = colours as Uint32Array<ArrayBuffer>;
  }

  view(view: MapView): void {
    this.#view = view;
  }

  draw(): void {
    const { width, height } = this.#canvas;
    const context = this.#canvas.getContext('2d')!;
    context.clearRect(0, 0, width, height);
    const count = this.#colours.length;
    const half = Math.min(width, height) / 2;
    const { x, y, scale } = this.#view;
    // Few points are drawn large, many small, so that a map is neither empty nor a blot.
    const radius = Math.max(1.5, Math.min(6, (half / 2.2 / Math.sqrt(count + 1)) * Math.sqrt(scale)));
    let colour = -1;
    for (let at = 0; at < count; at++) {
      const [left, top] = [
        width / 2 + (this.#points[2 * at]! - x) * half * scale,
        height / 2 - (this.#points[2 * at + 1]! - y) * half * scale,
      ];
      if (left < -radius || top < -radius || left > width + radius || top > height + radius) continue;
      if (colour !== this.#colours[at]) {
        colour = this.#colours[at]!;
        const [red, green, blue, alpha] = [
          colour & 255,
          (colour >>> 8) & 255,
          (colour >>> 16) & 255,
          colour >>> 24,
        ];
        context.fillStyle = `rgb(${red} ${green} ${blue} / ${alpha / 255})`;
      }
      context.beginPath();
      context.arc(left, top, radius, 0, 2 * Math.PI);
      context.fill();
    }
  }

  nearest(x: number, y: number): number {
    let [found, least] = [-1, Number.POSITIVE_INFINITY];
    for (let at = 0; at < this.#colours.length; at++) {
      const distance = (this.#points[2 * at]! - x) ** 2 + (this.#points[2 * at + 1]! - y) ** 2;
      if (distance < least) [found, least] = [at, distance];
    }
    return found;
  }

  destroy(): void {
    this.#points = new Float32Array(0);
    this.#colours = new Uint32Array(0);
  }
}
