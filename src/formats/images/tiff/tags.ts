import type { TiffDirectory } from './directory.ts';

/** Tags of TIFF 6.0 that say what a directory's image is and how it is kept. */
export const tags = {
  subfile: 254,
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  fillOrder: 266,
  description: 270,
  stripOffsets: 273,
  orientation: 274,
  samples: 277,
  rowsPerStrip: 278,
  stripLengths: 279,
  planes: 284,
  predictor: 317,
  palette: 320,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileLengths: 325,
  extra: 338,
  format: 339,
} as const;

/** Bits of the kind of image: a smaller copy of another one, and a mask. */
const aside = 1 | 4;

/** The numbers of the directories that are pictures of their own, without smaller copies and masks; of none that is all. */
export async function picturesOf(directories: readonly TiffDirectory[]): Promise<number[]> {
  const all: number[] = [];
  const own: number[] = [];
  for (const [i, directory] of directories.entries()) {
    all.push(i);
    if (((await directory.number(tags.subfile, 0)) & aside) === 0) own.push(i);
  }
  return own.length > 0 ? own : all;
}
