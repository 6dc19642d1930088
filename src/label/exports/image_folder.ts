import { csvLine, guard } from '../../data/labels/csv.ts';
import { fixed } from '../files/labels_csv.ts';
import type { ImageLabel } from '../image_label.ts';
import { NameBook, safeName } from './safe_names.ts';

/** Where an image goes in the tree. */
export interface PlacedImage extends ImageLabel {
  /** `images/<class>/<file>`, relative to the export's folder. */
  readonly file: string;
}

/**
 * Lays out a tree as torchvision's ImageFolder reads it: a folder for each class, in it the images under their own
 * names. All names are made safe; names that clash are numbered, classes in the order of their names.
 * @param pixelsOnly the images have no files of their own: they become PNG files named by their path
 */
export function placeImages(labels: readonly ImageLabel[], pixelsOnly: boolean): PlacedImage[] {
  const classes = new NameBook();
  const folders = new Map(
    [...new Set(labels.map(({ label }) => label))]
      .sort()
      .map((label) => [label, { name: classes.take(safeName(label)), files: new NameBook() }]),
  );
  return labels.map((label) => {
    const folder = folders.get(label.label)!;
    const [stem, ending] = pixelsOnly ? recordName(label.path) : fileName(label.path);
    return { ...label, file: `images/${folder.name}/${folder.files.take(stem, ending)}` };
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
