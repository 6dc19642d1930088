import type { LabellerImage } from './labeller_api.ts';

/** So many images ahead are fetched before their turn. */
const ahead = 4;
/** So many fetched pictures are kept. */
const most = 12;

/** A picture as the page can show it. */
export type Shown = HTMLImageElement | HTMLCanvasElement;

/** Fetches pictures before their turn, and keeps the last ones for a step back. */
export class Pictures {
  readonly #made = new Map<string | number, Promise<Shown>>();

  /** The picture of an image. */
  of(image: LabellerImage): Promise<Shown> {
    const made = this.#made.get(image.id) ?? make(image);
    this.#made.delete(image.id);
    this.#made.set(image.id, made);
    made.catch(() => this.#made.delete(image.id));
    for (const id of this.#made.keys()) {
      if (this.#made.size <= most) break;
      this.#made.delete(id);
    }
    return made;
  }

  /** Begins to fetch what comes next. */
  prepare(images: readonly LabellerImage[]): void {
    // The first is asked for last, so that it is kept the longest.
    for (const image of images.slice(0, ahead).reverse()) this.of(image).catch(() => {});
  }
}

async function make({ picture, name, id }: LabellerImage): Promise<Shown> {
  const alternative = `Image ${name ?? id}`;
  if (typeof picture === 'string') {
    const shown = new Image();
    shown.alt = alternative;
    shown.src = picture;
    await shown.decode();
    return shown;
  }
  return draw(typeof picture === 'function' ? await picture() : picture, alternative);
}

/** A canvas of the picture at its own size; the element's style scales it. */
function draw(pixels: ImageData | ImageBitmap, alternative: string): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = pixels.width;
  canvas.height = pixels.height;
  canvas.role = 'img';
  canvas.ariaLabel = alternative;
  const context = canvas.getContext('2d')!;
  if (pixels instanceof ImageData) context.putImageData(pixels, 0, 0);
  else context.drawImage(pixels, 0, 0);
  return canvas;
}
