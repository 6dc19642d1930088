import { createResizer } from '../../data/resize/triangle_resizer.ts';
import { toBase64 } from '../../formats/base64.ts';
import { Html, html } from './html.ts';

/** Where the page's pictures come from. */
export interface PictureSource {
  /** RGB bytes of an image, `side`·`side`·3, row by row. */
  thumbnail(image: number): Uint8Array;
  /** Side of the square thumbnails, in pixels. */
  readonly side: number;
  /** Encodes width·height·3 RGB bytes (row by row) as a JPEG file's bytes. */
  encodeJpeg(pixels: Uint8Array, width: number, height: number): Promise<Uint8Array>;
}

/** The thumbnails of some images, packed into a few JPEG sheets that the page's style embeds. */
export interface Sprites {
  /** The sheets, as CSS classes s0, s1, …. */
  readonly style: Html;
  /** The image's thumbnail; an empty frame where it has none. */
  picture(image: number): Html;
  /** Class and place of the image's thumbnail for a script; null where it has none. */
  place(image: number): { readonly sheet: string; readonly x: number; readonly y: number } | null;
}

const columns = 32;
const perSheet = columns * 32;
/** Multiples of 16, so that JPEG's 16-pixel blocks of colour do not run across two thumbnails. */
const sides = [64, 48, 32] as const;
const mostBytes = 5e6;

/** @param images each once; the largest side is taken whose sheets come to at most 5 MB in base64 */
export async function makeSprites(images: readonly number[], source: PictureSource): Promise<Sprites> {
  // A picture is not stored larger than it is, except that 32 is the least.
  const useful = sides.filter((side) => side === 32 || side < source.side + 16);
  let sheets: string[] = [];
  for (const side of useful) {
    sheets = await encodeSheets(images, source, side);
    if (sheets.reduce((sum, { length }) => sum + length, 0) <= mostBytes) break;
  }
  const order = new Map(images.map((image, at) => [image, at]));
  const place = (image: number) => {
    const at = order.get(image);
    if (at === undefined) return null;
    const [x, y] = [at % columns, Math.floor((at % perSheet) / columns)];
    return { sheet: `s${Math.floor(at / perSheet)}`, x, y };
  };
  return {
    style: new Html(sheets.map((sheet, at) => `${styleOf(sheet, at, images.length)}\n`).join('')),
    place,
    picture(image) {
      const found = place(image);
      if (!found) return html`<span class="thumb"></span>`;
      return html`<span class="thumb ${found.sheet}" style="--x:${found.x};--y:${found.y}"></span>`;
    },
  };
}

function styleOf(base64: string, sheet: number, images: number): string {
  const { width, height } = gridOf(images - sheet * perSheet);
  // The page's style says how large a thumbnail is shown, and moves the sheet by --x and --y of them.
  const size = `calc(${width} * var(--side)) calc(${height} * var(--side))`;
  return `.s${sheet}{background-size:${size};background-image:url(data:image/jpeg;base64,${base64})}`;
}

/** Columns and rows of the sheet that begins with so many thumbnails left. */
function gridOf(left: number): { width: number; height: number } {
  const tiles = Math.min(perSheet, left);
  return { width: Math.min(columns, tiles), height: Math.ceil(tiles / columns) };
}

async function encodeSheets(
  images: readonly number[],
  source: PictureSource,
  side: number,
): Promise<string[]> {
  const resize = createResizer(source.side, source.side, side);
  const tile = new Uint8Array(side * side * 3);
  const sheets: string[] = [];
  for (let start = 0; start < images.length; start += perSheet) {
    const grid = gridOf(images.length - start);
    const width = grid.width * side;
    const height = grid.height * side;
    const pixels = new Uint8Array(width * height * 3);
    images.slice(start, start + perSheet).forEach((image, at) => {
      resize(source.thumbnail(image), tile);
      const corner = (Math.floor(at / columns) * side * width + (at % columns) * side) * 3;
      for (let row = 0; row < side; row++) {
        pixels.set(tile.subarray(row * side * 3, (row + 1) * side * 3), corner + row * width * 3);
      }
    });
    sheets.push(toBase64(await source.encodeJpeg(pixels, width, height)));
  }
  return sheets;
}
