import type { SampleRange } from '../../formats/images/screen_values.ts';
import type { Files, Fit } from '../../platform/platform.ts';
import { createPillowResizer } from '../resize/pillow_resizer.ts';
import type { Resize } from '../resize/resize.ts';
import type { ImageFile } from './image_files.ts';

/** Decodes an image file into `target`, size·size·3 bytes of RGB. @throws Error with a short reason */
export type FileDecoder = (image: ImageFile, target: Uint8Array) => Promise<void>;

/** How images are shown, whatever their files are. */
export interface Showing {
  /** Which numbers of more than 8 bits are black and white; each image's own without it. */
  readonly range: SampleRange | undefined;
  /** How images that are no squares become some. */
  readonly fit: Fit;
}

/** Pixels of whole images that lie in memory at once: 150 MB, as much as the largest image that is read. */
const mostPixels = 50e6;

/**
 * A decoder to squares of one side. Without `resize` the platform does all of it, as fast as it can; with one, images are
 * decoded whole and resized here, the same in Node and in a page.
 */
export function createFileDecoder(
  files: Files,
  size: number,
  { range, fit }: Showing,
  resize?: Resize,
): FileDecoder {
  if (!resize)
    return async ({ file, page }, target) =>
      target.set(await files.decodeImage(file, size, { page, range, fit }));
  const fitted = fit === 'crop' ? resize : { ...resize, [fit]: true };
  const memory = new Budget(mostPixels);
  return async ({ file, page }, target) => {
    const expected = await files.imageSize(file, page);
    const pixels = Math.min(expected.width * expected.height, mostPixels);
    await memory.take(pixels);
    try {
      const image = await files.decodeWhole(file, { page, range });
      createPillowResizer(image.width, image.height, size, fitted)(image.pixels, target);
    } finally {
      memory.giveBack(pixels);
    }
  };
}

/** An amount that users take parts of and give back; who finds too little left waits, in the order of asking. */
class Budget {
  #left: number;
  readonly #waiting: { readonly amount: number; readonly start: () => void }[] = [];

  constructor(amount: number) {
    this.#left = amount;
  }

  /** @param amount at most the whole of the budget */
  async take(amount: number): Promise<void> {
    await new Promise<void>((start) => {
      this.#waiting.push({ amount, start });
      this.#admit();
    });
  }

  giveBack(amount: number): void {
    this.#left += amount;
    this.#admit();
  }

  #admit(): void {
    while (this.#waiting.length > 0 && this.#waiting[0]!.amount <= this.#left) {
      const { amount, start } = this.#waiting.shift()!;
      this.#left -= amount;
      start();
    }
  }
}
