import { UserError } from '../../errors.ts';
import type { Files } from '../../platform/platform.ts';
import type { ImageStream, OpenOptions, Partition } from './image_stream.ts';
import {
  countRecords,
  listSetFolder,
  missingFiles,
  type RecordFile,
  readClassNames,
  streamRecords,
} from './records.ts';

const side = 96;
const area = side * side;
const classCount = 10;

const parts = [
  { images: 'train_X.bin', labels: 'train_y.bin', partition: 'train' },
  { images: 'unlabeled_X.bin', labels: undefined, partition: 'train' },
  { images: 'test_X.bin', labels: 'test_y.bin', partition: 'test' },
] as const;

/**
 * STL-10 in the official binary layout (Coates, Ng, Lee 2011, https://cs.stanford.edu/~acoates/stl10/): 96×96 images as
 * three colour planes, each column by column; labels 1…10, one byte each, in a file beside. Parts that are absent
 * are left out, but `train_X.bin` or `unlabeled_X.bin` must be there; images without a label file have label −1.
 * @throws UserError for missing files, a file of the wrong length, a label out of range
 */
export async function streamStl10(folder: string, options: OpenOptions): Promise<ImageStream> {
  const { files } = options;
  const listed = await listSetFolder(files, folder);
  const present = parts.filter((part) => listed.includes(part.images));
  if (!present.some((part) => part.partition === 'train')) {
    const pattern = /^(train|unlabeled)_X\.bin$/;
    throw missingFiles('stl10', folder, pattern, 'train_X.bin or unlabeled_X.bin', listed);
  }
  const classes = await readClassNames(files, files.join(folder, 'class_names.txt'), classCount);
  const records: RecordFile[] = [];
  for (const { images, labels, partition } of present) {
    const path = files.join(folder, images);
    const count = await countRecords(files, path, area * 3);
    const hasLabels = labels !== undefined && listed.includes(labels);
    const known = hasLabels ? await readLabelFile(files, files.join(folder, labels), count) : undefined;
    records.push(describe(path, images, partition, count, known));
  }
  return streamRecords(records, options.imageSize ?? side, options, ({ partition, labels }) => {
    const test = partition.filter((own) => own === 'test').length;
    const known = labels.filter((label, image) => label >= 0 && partition[image] === 'train');
    const train = partition.length - test;
    const description = `STL-10: ${train} training images, ${known.length} of them labelled, ${test} test images`;
    return { name: 'stl10', description, classes };
  });
}

function describe(
  path: string,
  name: string,
  partition: Partition,
  count: number,
  labels: Int32Array | undefined,
): RecordFile {
  return {
    path,
    name,
    partition,
    headerBytes: 0,
    recordBytes: area * 3,
    count,
    width: side,
    height: side,
    decode: decodeColumns,
    labels,
  };
}

async function readLabelFile(files: Files, path: string, count: number): Promise<Int32Array> {
  const bytes = await files.read(path);
  if (bytes.length !== count) {
    throw new UserError(`${path} has ${bytes.length} labels for ${count} images: fetch the set again`);
  }
  const wrong = bytes.findIndex((label) => label < 1 || label > classCount);
  if (wrong >= 0) {
    throw new UserError(
      `${path}, label ${wrong}: ${bytes[wrong]}, but STL-10 has labels 1 to ${classCount}: is it another set's file?`,
    );
  }
  return Int32Array.from(bytes, (label) => label - 1);
}

function decodeColumns(record: Uint8Array, rgb: Uint8Array): void {
  for (let channel = 0; channel < 3; channel++) {
    for (let x = 0; x < side; x++) {
      for (let y = 0; y < side; y++) {
        rgb[(y * side + x) * 3 + channel] = record[channel * area + x * side + y]!;
      }
    }
  }
}
