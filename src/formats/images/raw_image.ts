/** Numbers of an image's samples, as a file keeps them. */
export type Samples = Uint8Array | Uint16Array | Int16Array | Int32Array | Uint32Array | Float32Array;

/** A decoded image whose samples are still the file's own numbers, not yet brought to the screen's 0 to 255. */
export interface RawImage {
  /** Pixels in a row, as the image is to be seen. */
  readonly width: number;
  /** Rows of pixels. */
  readonly height: number;
  /** 1: grey, 3: red, green, blue, 4: the same and how opaque the pixel is (not multiplied into the colours). */
  readonly channels: 1 | 3 | 4;
  /** width·height·channels numbers, row by row from the top, the channels of a pixel side by side. */
  readonly samples: Samples;
  /** The values that the file itself asks to show darkest and lightest, the first below the second; samples outside are cut. */
  readonly range?: readonly [darkest: number, lightest: number];
  /** Whether the image is shown as a negative: the first of the range lightest. */
  readonly inverted?: boolean;
}

/** An image file that cannot be read; the message is a short reason that follows the file's name: `is truncated`. */
export class UnreadableImage extends Error {
  override readonly name = 'UnreadableImage';
}

/** The most pixels that an image may have, as for every other format. */
export const mostPixels = 50e6;

/**
 * Checks an image's sides before anything is allocated for it.
 * @throws UnreadableImage where a side is 0 or the image is over 50 megapixels
 */
export function checkSides(width: number, height: number): void {
  if (!(width >= 1 && height >= 1)) throw new UnreadableImage('has no pixels');
  if (width * height > mostPixels) throw new UnreadableImage('over 50 megapixels');
}

/** For a file that ends before its picture does. */
export const truncated = () => new UnreadableImage('truncated or damaged');
