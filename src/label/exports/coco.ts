import { noneOfTheseText } from '../../data/labels/none_of_these.ts';
import { fixed } from '../files/labels_csv.ts';
import type { ImageLabel } from '../image_label.ts';

/** Size of an image as it is to be seen, in pixels. */
export interface PixelSize {
  /** Pixels in a row. */
  readonly width: number;
  /** Rows of pixels. */
  readonly height: number;
}

/** What COCO's file says of itself, and the sizes that its boxes need. */
export interface CocoOptions {
  /** Goes into `info`. */
  readonly description: string;
  /** kindred's version, which goes into `info`. */
  readonly version: string;
  /** Sizes of the images, in the order of the labels. */
  readonly sizes: readonly PixelSize[];
}

/**
 * Labels in the manner of COCO (https://cocodataset.org/#format-data): `images`, `categories`, and `annotations` that
 * give each image one category with a score. COCO's readers choose annotations by area and by `iscrowd`, so each has the
 * box and the outline of its whole image. An image of none of the classes has no annotation. Ids count from 1.
 * @returns the file in pieces, a line for each entry
 */
export function* cocoJson(
  labels: readonly ImageLabel[],
  { description, version, sizes }: CocoOptions,
): Generator<string> {
  const named = labels.flatMap((label, index) =>
    label.label === noneOfTheseText ? [] : [{ ...label, imageId: index + 1 }],
  );
  const categories = [...new Set(named.map(({ label }) => label))].sort();
  const idOf = new Map(categories.map((name, index) => [name, index + 1]));
  yield `{"info":${JSON.stringify({ description, version, contributor: 'kindred', url: '' })},\n`;
  yield `"licenses":[${JSON.stringify({ id: 1, name: 'not stated', url: '' })}],\n`;
  yield* list('categories', categories, (name, id) => ({ id, name, supercategory: '' }));
  yield ',\n';
  yield* list('images', labels, ({ path }, id) => ({ id, file_name: path, ...sizes[id - 1]!, license: 1 }));
  yield ',\n';
  yield* list('annotations', named, ({ label, confidence, status, imageId }, id) => ({
    id,
    image_id: imageId,
    category_id: idOf.get(label),
    ...wholeImage(sizes[imageId - 1]!),
    iscrowd: 0,
    score: Number(fixed(confidence)),
    attributes: { status },
  }));
  yield '}\n';
}

const wholeImage = ({ width, height }: PixelSize) => ({
  bbox: [0, 0, width, height],
  area: width * height,
  segmentation: [[0, 0, width, 0, width, height, 0, height]],
});

function* list<T>(
  name: string,
  items: readonly T[],
  entry: (item: T, id: number) => object,
): Generator<string> {
  yield `${JSON.stringify(name)}:[`;
  for (const [index, item] of items.entries()) {
    yield `${index > 0 ? ',' : ''}\n${JSON.stringify(entry(item, index + 1))}`;
  }
  yield ']';
}
