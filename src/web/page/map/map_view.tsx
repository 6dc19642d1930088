import { useEffect, useRef, useState } from 'preact/hooks';
import { Thumb } from '../parts/thumb.tsx';
import { session } from '../state/current.ts';
import { CanvasPainter, type MapPainter, type MapView as View } from './map_painter.ts';

/** Points move to their next place in this time, in milliseconds. */
const glide = 450;
/** A pointer this far from a point, in pixels, means it. */
const reach = 16;
const whole: View = { x: 0, y: 0, scale: 0.94 };

/** Where images lie: like ones close to each other. */
export function MapView({
  images,
  points,
  colours,
  label,
  describe,
  onPick,
}: {
  readonly images: Int32Array;
  /** x and y of each image, −1 … 1. */
  readonly points: Float32Array;
  /** Colour of each image of `images`. */
  readonly colours: Uint32Array;
  /** What the map shows, in words. */
  readonly label: string;
  /** What is said of an image under the pointer. */
  readonly describe: (image: number) => string;
  /** Told which image was clicked. */
  readonly onPick?: (image: number) => void;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const state = useRef(new MapState());
  const [tip, setTip] = useState<{ image: number; left: number; top: number } | null>(null);
  useEffect(() => {
    const own = state.current;
    own.open(canvas.current!);
    return () => own.close();
  }, []);
  useEffect(() => state.current.show(points, colours), [points, colours]);
  const found = (event: { offsetX: number; offsetY: number }) => {
    const at = state.current.under(event.offsetX, event.offsetY);
    return at === undefined ? undefined : images[at]!;
  };
  const point = (event: PointerEvent) => {
    if (state.current.drag(event)) return setTip(null);
    const image = found(event);
    const { clientWidth } = canvas.current!;
    setTip(
      image === undefined
        ? null
        : {
            image,
            left: Math.min(event.offsetX + 14, Math.max(0, clientWidth - 200)),
            top: event.offsetY + 14,
          },
    );
  };
  return (
    <div class="map">
      <canvas
        ref={canvas}
        role="img"
        aria-label={label}
        onPointerDown={(event) => state.current.take(event)}
        onPointerMove={point}
        onPointerUp={(event) => {
          const image = found(event);
          if (!state.current.release() && image !== undefined) onPick?.(image);
        }}
        onPointerLeave={() => setTip(null)}
      />
      {tip && (
        <div class="tip" style={{ left: `${tip.left}px`, top: `${tip.top}px` }}>
          <Thumb image={tip.image} />
          <p>
            <strong>{session.value?.paths[tip.image]}</strong>
            {describe(tip.image)}
          </p>
        </div>
      )}
      <div class="zoom">
        <button type="button" aria-label="Enlarge the map" onClick={() => state.current.zoom(1.6)}>
          +
        </button>
        <button type="button" aria-label="Shrink the map" onClick={() => state.current.zoom(1 / 1.6)}>
          −
        </button>
        <button type="button" aria-label="Show the whole map" onClick={() => state.current.reset()}>
          ⤢
        </button>
      </div>
    </div>
  );
}

/** What is drawn, from where to where it moves, and what is seen of it. */
class MapState {
  #canvas: HTMLCanvasElement | undefined;
  #painter: MapPainter | undefined;
  #observer: ResizeObserver | undefined;
  #from = new Float32Array(0);
  #to = new Float32Array(0);
  #now = new Float32Array(0);
  #colours = new Uint32Array(0);
  #since = 0;
  #frame = 0;
  #view = whole;
  #held: { x: number; y: number; moved: boolean } | undefined;

  open(canvas: HTMLCanvasElement): void {
    this.#canvas = canvas;
    this.#painter = new CanvasPainter(canvas);
    canvas.addEventListener('wheel', this.#wheel, { passive: false });
    this.#observer = new ResizeObserver(() => {
      const side = Math.round(canvas.clientWidth * Math.min(2, devicePixelRatio));
      if (canvas.width !== side) canvas.width = canvas.height = side;
      this.#redraw();
    });
    this.#observer.observe(canvas);
  }

  close(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#observer?.disconnect();
    this.#canvas?.removeEventListener('wheel', this.#wheel);
    this.#painter?.destroy();
    this.#painter = undefined;
  }

  show(points: Float32Array, colours: Uint32Array): void {
    this.#colours = colours as Uint32Array<ArrayBuffer>;
    if (points !== this.#to) {
      const moves = points.length === this.#now.length && !matchMedia('(prefers-reduced-motion)').matches;
      this.#from = moves ? this.#now.slice() : (points as Float32Array<ArrayBuffer>);
      this.#to = points as Float32Array<ArrayBuffer>;
      this.#now = new Float32Array(points.length);
      this.#since = moves ? performance.now() : 0;
    }
    this.#redraw();
  }

  /** The number of the point under a place of the canvas. */
  under(left: number, top: number): number | undefined {
    const { x, y } = this.#place(left, top);
    const at = this.#painter?.nearest(x, y) ?? -1;
    if (at < 0) return undefined;
    const half = this.#canvas!.clientWidth / 2;
    const distance = Math.hypot(this.#now[2 * at]! - x, this.#now[2 * at + 1]! - y) * half * this.#view.scale;
    return distance < reach ? at : undefined;
  }

  take({ offsetX, offsetY, pointerId }: PointerEvent): void {
    this.#held = { x: offsetX, y: offsetY, moved: false };
    this.#canvas!.setPointerCapture(pointerId);
  }

  /** @returns whether the map is being moved */
  drag({ offsetX, offsetY }: PointerEvent): boolean {
    if (!this.#held) return false;
    const [right, down] = [offsetX - this.#held.x, offsetY - this.#held.y];
    if (!this.#held.moved && Math.hypot(right, down) < 4) return false;
    const unit = (this.#canvas!.clientWidth / 2) * this.#view.scale;
    this.#held = { x: offsetX, y: offsetY, moved: true };
    this.#look({ ...this.#view, x: this.#view.x - right / unit, y: this.#view.y + down / unit });
    return true;
  }

  /** @returns whether the map was moved */
  release(): boolean {
    const moved = this.#held?.moved ?? false;
    this.#held = undefined;
    return moved;
  }

  zoom(factor: number, left = this.#canvas!.clientWidth / 2, top = this.#canvas!.clientHeight / 2): void {
    const { x, y } = this.#place(left, top);
    const scale = Math.max(whole.scale, Math.min(40, this.#view.scale * factor));
    const share = this.#view.scale / scale;
    const moved = { x: x + (this.#view.x - x) * share, y: y + (this.#view.y - y) * share, scale };
    this.#look(scale === whole.scale ? whole : moved);
  }

  reset(): void {
    this.#look(whole);
  }

  readonly #wheel = (event: WheelEvent) => {
    event.preventDefault();
    this.zoom(Math.exp(-event.deltaY / 400), event.offsetX, event.offsetY);
  };

  #place(left: number, top: number): { x: number; y: number } {
    const half = this.#canvas!.clientWidth / 2;
    const { x, y, scale } = this.#view;
    return { x: x + (left - half) / half / scale, y: y - (top - half) / half / scale };
  }

  #look(view: View): void {
    this.#view = view;
    this.#redraw();
  }

  #redraw(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#paint();
    });
  }

  #paint(): void {
    const share = Math.min(1, (performance.now() - this.#since) / glide);
    const eased = share * (2 - share);
    for (let i = 0; i < this.#now.length; i++)
      this.#now[i] = this.#from[i]! + eased * (this.#to[i]! - this.#from[i]!);
    this.#painter?.setPoints(this.#now, this.#colours);
    this.#painter?.view(this.#view);
    this.#painter?.draw();
    if (share < 1) this.#redraw();
  }
}
