import * as v from 'valibot';

/*
 * A pack: images that were decoded once, as equally long records of pixels. A folder with
 *
 *   pack.json        what is below
 *   index.csv        path,label,partition,identity: one row an image, in the order of the records
 *   unreadable.csv   path,reason: files of the source that cannot be read
 *   pixels-00000.bin …  the records: side·side·3 bytes RGB, row by row; `imagesAFile` in each file but the last
 *
 * `label` is the class that the source itself says, empty where it says none; `partition` is `train`, or `test` for an
 * official test part. `identity` is equal where two images are the very same file or have the same pixels at full size;
 * empty where no other image has the same square.
 */

/** The version that is written and read. */
export const packVersion = 1;

/** What pack.json holds. */
export const packSchema = v.object({
  version: v.literal(packVersion),
  /** What the images come from, as people know it. */
  name: v.string(),
  /** How many images there are. */
  images: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** Side of the squares, in pixels. */
  side: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1024)),
  /** Records of a file of pixels. */
  imagesAFile: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** Names of the classes that the source itself knows. */
  classes: v.array(v.string()),
  /** How many of the images are of an official test part. */
  testImages: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** Which numbers of images with more than 8 bits are black and white; absent without such. */
  range: v.exactOptional(v.string()),
  /** How images that were no squares became some. */
  fit: v.string(),
});

/** What a pack is, beside its rows. */
export type PackFacts = v.InferOutput<typeof packSchema>;

/** The file of pixels with that number. */
export const pixelFile = (number: number): string => `pixels-${String(number).padStart(5, '0')}.bin`;

/** Columns of index.csv. */
export const indexColumns = ['path', 'label', 'partition', 'identity'] as const;
/** Columns of unreadable.csv. */
export const unreadableColumns = ['path', 'reason'] as const;

/** Bytes of an image's record. */
export const recordBytes = (side: number): number => 3 * side * side;
