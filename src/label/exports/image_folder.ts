import { csvLine, guard } from '../../data/labels/csv.ts';
import { fixed } from '../files/labels_csv.ts';
import type { ImageLabel } from '../image_label.ts';
import { NameBook, safeName } from './safe_names.ts';

/** Where an image goes in the tree. */
export interface PlacedImage extends ImageLabel {
  /** `images/<class>/<file>`, relative to the export's folder. */
  readonly file: string;
}

/** Endings of files that torchvision's ImageFolder and Hugging Face's datasets take for images, in any case. */
const readEndings = /\.(jpe?g|png|ppm|bmp|pgm|tiff?|webp)$/i;

/** Whether a file's ending is one that readers of class folders take for an image's. */
export const hasReadEnding = (path: string): boolean => readEndings.test(path);

/** First bytes of formats that these readers decode, whatever the file is called. */
const beginnings: readonly (readonly [ending: string, bytes: readonly number[], at?: number])[] = [
  ['.jpg', [0xff, 0xd8, 0xff]],
  ['.png', [0x89, 0x50, 0x4e, 0x47]],
  ['.webp', [0x57, 0x45, 0x42, 0x50], 8],
  ['.tif', [0x49, 0x49, 0x2a, 0]],
  ['.tif', [0x4d, 0x4d, 0, 0x2a]],
  ['.bmp', [0x42, 0x4d]],
];

/** The ending that goes with a file's first 12 bytes; undefined for formats that readers of class folders do not decode. */
export function endingFor(start: Uint8Array): string | undefined {
  const found = beginnings.find(([, bytes, at = 0]) => bytes.every((byte, i) => start[at + i] === byte));
  return found?.[0];
}

/** How images are placed. */
export interface PlacingOptions {
  /** The images have no files of their own: they become PNG files named by their path. */
  readonly pixelsOnly: boolean;
  /** Endings of files that have others than their own in the tree, by their paths: `.jpg` for a `.jfif`. */
  readonly endings?: ReadonlyMap<string, string>;
}

/**
 * Lays out a tree as torchvision's ImageFolder reads it: a folder for each class, in it the images under their own
 * names. All names are made safe; names that clash are numbered, classes in the order of their names.
 */
export function placeImages(
  labels: readonly ImageLabel[],
  { pixelsOnly, endings }: PlacingOptions,
): PlacedImage[] {
  const classes = new NameBook();
  const folders = new Map(
    [...new Set(labels.map(({ label }) => label))]
      .sort()
      .map((label) => [label, { name: classes.take(safeName(label)), files: new NameBook() }]),
  );
  return labels.map((label) => {
    const folder = folders.get(label.label)!;
    const [stem, ending] = pixelsOnly ? recordName(label.path) : fileName(label.path);
    const name = folder.files.take(stem, endings?.get(label.path) ?? ending);
    return { ...label, file: `images/${folder.name}/${name}` };
  });
}

function fileName(path: string): [stem: string, ending: string] {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const [ending = ''] = name.match(/\.[A-Za-z0-9]{1,5}$/) ?? [];
  return [safeName(name.slice(0, name.length - ending.length)), ending];
}

/** `data_batch_1.bin#17` becomes data_batch_1-17.png. */
function recordName(path: string): [stem: string, ending: string] {
  return [safeName(path.replace(/\.bin#/, '-').replaceAll('#', '-')), '.png'];
}

/** images.csv: which file of the tree is which image, and how sure its label is. */
export function* placesCsv(images: Iterable<PlacedImage>): Generator<string> {
  yield csvLine(['file', 'path', 'label', 'confidence', 'status']);
  for (const { file, path, label, confidence, status } of images) {
    yield csvLine([file, guard(path), guard(label), fixed(confidence), status]);
  }
}
