import { studio } from './studio_link.ts';

/** Images of a block, which come from the worker together. */
const blockSize = 64;
/** At most so many bytes are kept; the block that was not asked for the longest goes first. */
const mostBytes = 48 * 2 ** 20;

interface Block {
  pixels: Uint8Array | undefined;
  readonly arrival: Promise<Uint8Array>;
}

const blocks = new Map<number, Block>();
/** Side of the squares in pixels, and how many there are. */
let sizes = { side: 0, images: 0 };
/** Requests that were made for an earlier session are not kept. */
let generation = 0;

/** From here on pixels are those of another session. */
export function openPixels(session: { readonly side: number; readonly images: number }): void {
  generation++;
  blocks.clear();
  sizes = session;
}

/** The packed square of an image as RGB bytes, where it is here already. */
export function pixelsHere(image: number): Uint8Array | undefined {
  const number = Math.floor(image / blockSize);
  const block = blocks.get(number);
  if (!block?.pixels) return undefined;
  // A map keeps the order in which keys were set: what is used goes to its end.
  blocks.delete(number);
  blocks.set(number, block);
  return partOf(block.pixels, image);
}

/** The packed square of an image as RGB bytes. */
export async function pixelsOf(image: number): Promise<Uint8Array> {
  const number = Math.floor(image / blockSize);
  const block = blocks.get(number) ?? request(number);
  return partOf(block.pixels ?? (await block.arrival), image);
}

/** The packed square of an image as a canvas takes it. */
export function imageData(pixels: Uint8Array, side: number): ImageData {
  const data = new ImageData(side, side);
  for (let pixel = 0; pixel < side * side; pixel++) {
    data.data[4 * pixel] = pixels[3 * pixel]!;
    data.data[4 * pixel + 1] = pixels[3 * pixel + 1]!;
    data.data[4 * pixel + 2] = pixels[3 * pixel + 2]!;
    data.data[4 * pixel + 3] = 255;
  }
  return data;
}

function partOf(pixels: Uint8Array, image: number): Uint8Array {
  const bytes = 3 * sizes.side ** 2;
  const start = (image % blockSize) * bytes;
  return pixels.subarray(start, start + bytes);
}

function request(number: number): Block {
  const first = number * blockSize;
  const count = Math.min(blockSize, sizes.images - first);
  const own = generation;
  const arrival = studio.pixels(Int32Array.from({ length: count }, (_, i) => first + i));
  const block: Block = { pixels: undefined, arrival };
  blocks.set(number, block);
  arrival.then(
    (pixels) => {
      block.pixels = pixels;
      if (own === generation) makeRoom(pixels.length);
    },
    () => {
      if (own === generation) blocks.delete(number);
    },
  );
  return block;
}

function makeRoom(bytes: number): void {
  const most = Math.max(8, Math.floor(mostBytes / bytes));
  for (const [number, block] of blocks) {
    if (blocks.size <= most) return;
    if (block.pixels) blocks.delete(number);
  }
}
