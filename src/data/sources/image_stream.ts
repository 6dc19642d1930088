import type { Sentence } from '../../errors.ts';
import type { Files, Fit } from '../../platform/platform.ts';
import type { Resize } from '../resize/resize.ts';

/** `test` images are an official held-out part: nothing may train on them or choose anything by them. */
export type Partition = 'train' | 'test';

/** An image that was skipped, and why. */
export interface UnreadableImage {
  /** The image's path, as the source lists it. */
  readonly path: string;
  /** Why it cannot be read, in a few words: `truncated or damaged`. */
  readonly reason: string;
}

/** An image of a stream that could not be read. */
export interface SkippedImage extends UnreadableImage {
  /** Its number in the stream. */
  readonly image: number;
}

/** Class numbers of images, as far as they are known. */
export interface Labels {
  /** Names of the classes by number. */
  readonly classes: readonly string[];
  /** `classes[labels[i]]` is the name of image i's class; −1 is unknown, `noneOfThese` that it belongs to none. */
  readonly labels: Int32Array;
  /** Where given, `test` images never become given labels (see `hideLabels`). */
  readonly partition?: readonly Partition[];
}

/**
 * A set of N square images that are decoded when they are asked for, so that its memory does not grow with the pixels.
 * All but the pixels is known from the start, from file names, headers and label files. Its `labels` are the known
 * truth, for scoring and hiding.
 */
export interface ImageStream extends Labels {
  /** `cifar10`, `demo`, or the folder's own name. */
  readonly name: string;
  /** One line for the user: how many images of which parts, read from what. */
  readonly description: string;
  /** Side of the square images, in pixels. */
  readonly size: number;
  /** What else a user should know of how the source was read, a line each. */
  readonly notes?: readonly (string | Sentence)[];
  /** Which numbers of images with more than 8 bits are black and white, as the setting `range` has it; absent without such. */
  readonly range?: string;
  /**
   * A folder's relative paths with `/`, `file#page` (from 0) for files of several images; `file#record` for sets kept in
   * binary files.
   */
  readonly paths: readonly string[];
  /** Part of the set that each image belongs to; of a folder all are `train`, unless its sub-folders are labels. */
  readonly partition: readonly Partition[];
  /** Files of formats that are not read here. Which other images cannot be read, `read` tells. */
  readonly unreadable: readonly UnreadableImage[];
  /** Paths that exist but were left out by `limit`. */
  readonly omitted: readonly string[];
  /**
   * Decodes images, by number, into `target`: size·size·3 bytes each (RGB, row by row), in the order given.
   * @param onRead called now and then with how many more images were read
   * @returns the images that cannot be read; their places hold anything
   * @throws UserError where reading itself does not work
   */
  read(
    images: Int32Array,
    target: Uint8Array,
    onRead?: ((count: number) => void) | undefined,
  ): Promise<SkippedImage[]>;
  /**
   * Tells some images apart by all that the source holds of them, whatever their squares leave out: of the texts, one for
   * each image, two are equal where the files are the same or the pixels at full size are. Texts of different calls mean
   * nothing to each other. Absent where the squares are all there is.
   * @throws UserError where reading itself does not work
   */
  identify?(images: Int32Array): Promise<string[]>;
  /** Bytes of an image's file; undefined where it is gone. Absent where an image is no file or page of one. */
  bytesOf?(image: number): Promise<number | undefined>;
  /** Width and height of an image's file; absent where the squares are all there is. @throws Error with a short reason */
  sizeOf?(image: number): Promise<{ readonly width: number; readonly height: number }>;
  /**
   * The same images, under the same numbers, to be decoded anew to another square.
   * @param size side of the square, in pixels
   * @param resize how they are brought to it; without it as this stream brings them to its own
   */
  resized(size: number, resize?: Resize): ImageStream;
}

/** What readers of labels need to know of the images. */
export type NamedImages = Pick<ImageStream, 'name' | 'paths' | 'classes' | 'omitted' | 'unreadable'>;

/** What every opener of a set takes. */
export interface OpenOptions {
  /** Where the set's files lie. */
  readonly files: Files;
  /** Side of the square images, in pixels; by default a binary set's own, 64 for folders. */
  readonly imageSize?: number | undefined;
  /**
   * Of a folder or a pack these images alone, by the paths under which they were opened before, whatever the limits say:
   * a folder is not listed then.
   */
  readonly only?: readonly string[] | undefined;
  /** At most so many training images: the first of a seeded shuffle, kept in the set's order. */
  readonly limit?: number | undefined;
  /**
   * Tells which images of a folder the limit leaves out last, say those with a label; called where it leaves out any, with
   * all that there are.
   */
  readonly keep?: ((images: NamedImages) => Promise<ReadonlySet<string>>) | undefined;
  /** Whether sub-folders of a folder are its labels: classes below one called `test` are then held out. */
  readonly labelledByFolders?: boolean | undefined;
  /** At most so many official test images; by default as `limit`. */
  readonly testLimit?: number | undefined;
  /**
   * Which numbers of a folder's images with more than 8 bits are shown black and white: `auto`, the default, finds one
   * range for the set, `file` gives every image its own, `LOW,HIGH` says it.
   */
  readonly range?: string | undefined;
  /** How a folder's images that are no squares become some; `crop` by default. */
  readonly fit?: Fit | undefined;
  /** Seeds the choice that `limit` makes; 0 by default. A smaller limit chooses a subset of a larger one's. */
  readonly seed?: number | undefined;
}
