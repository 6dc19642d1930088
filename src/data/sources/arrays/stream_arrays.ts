import { lastPart } from '../../last_part.ts';
import type { ImageStream, OpenOptions } from '../image_stream.ts';
import { type RecordFile, streamRecords } from '../records.ts';
import { numberLabels, readArrayLabels } from './array_labels.ts';
import { type Layout, layoutOf } from './layout.ts';
import { type PartArrays, rolesOf } from './roles.ts';
import { elementsIn, type StoredArray } from './stored_array.ts';

/**
 * A set of images and labels kept as arrays in one file. Test arrays are the test partition; training and validation
 * arrays are one, since validation is for choosing settings. Classes bear the names that the file has for them, else their
 * numbers.
 * @throws UserError where no array is one of images, or labels do not fit them
 */
export async function streamArrays(
  arrays: readonly StoredArray[],
  file: string,
  options: OpenOptions,
): Promise<ImageStream> {
  const { parts, names } = rolesOf(arrays, file);
  const layouts = parts.map(({ images }) => layoutOf(images, file));
  const known = await Promise.all(
    parts.map(({ images, labels }) => labels && readArrayLabels(labels, images.shape[0]!, file)),
  );
  const { classes, labels } = numberLabels(known, names && (await names.texts()));
  const records = parts.map((part, number) => recordsOf(part, layouts[number]!, file, labels[number]));
  const { width, height, channels } = layouts[0]!;
  const size = options.imageSize ?? Math.min(width, height);
  return streamRecords(records, size, options, ({ partition }) => {
    const test = partition.filter((own) => own === 'test').length;
    const from = parts.filter(({ part }) => part !== 'test').map(({ images }) => images.name);
    const both = parts.some(({ part }) => part === 'val') ? ' (validation counts as training)' : '';
    const kind = `${height}×${width} ${channels === 1 ? 'grey' : 'RGB'} pixels`;
    const name = lastPart(file);
    const description = `${name}: ${partition.length - test} training images of ${kind} from ${from.join(' and ')}${both}, ${test} test images`;
    return { name, description, classes };
  });
}

function recordsOf(
  { part, images }: PartArrays,
  { width, height, decode }: Layout,
  file: string,
  labels: Int32Array | undefined,
): RecordFile {
  const recordBytes = elementsIn(images.shape.slice(1));
  return {
    path: file,
    name: images.name,
    partition: part === 'test' ? 'test' : 'train',
    headerBytes: 0,
    recordBytes,
    count: images.shape[0]!,
    width,
    height,
    decode,
    labels,
    readBytes: (offset, length) => images.read(offset / recordBytes, length / recordBytes),
  };
}
