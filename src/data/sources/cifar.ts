import { UserError } from '../../errors.ts';
import type { ImageStream, OpenOptions, Partition } from './image_stream.ts';
import {
  countRecords,
  listSetFolder,
  missingFiles,
  type RecordFile,
  readClassNames,
  streamRecords,
} from './records.ts';

const side = 32;
const area = side * side;

/** How CIFAR-10 and CIFAR-100 differ (Krizhevsky 2009, https://www.cs.toronto.edu/~kriz/cifar.html). */
interface Layout {
  readonly name: string;
  readonly title: string;
  readonly train: RegExp;
  readonly trainFiles: string;
  readonly test: string;
  readonly classFile: string;
  readonly classCount: number;
  /** Bytes before the pixels; the last of them is the label (CIFAR-100 puts the coarse one before the fine one). */
  readonly labelBytes: number;
}

const cifar10: Layout = {
  name: 'cifar10',
  title: 'CIFAR-10',
  train: /^data_batch_\d+\.bin$/,
  trainFiles: 'data_batch_*.bin',
  test: 'test_batch.bin',
  classFile: 'batches.meta.txt',
  classCount: 10,
  labelBytes: 1,
};

const cifar100: Layout = {
  name: 'cifar100',
  title: 'CIFAR-100',
  train: /^train\.bin$/,
  trainFiles: 'train.bin',
  test: 'test.bin',
  classFile: 'fine_label_names.txt',
  classCount: 100,
  labelBytes: 2,
};

/**
 * CIFAR-10 in the official binary version: as many `data_batch_*.bin` as lie in the folder, `test_batch.bin` as the
 * test partition where there is one, class names from `batches.meta.txt` (else numbers).
 * @throws UserError for a folder without batches, a file of the wrong length, a label out of range
 */
export function streamCifar10(folder: string, options: OpenOptions): Promise<ImageStream> {
  return streamCifar(cifar10, folder, options);
}

/** CIFAR-100 in the official binary version, with its 100 fine labels: `train.bin`, `test.bin`. See `streamCifar10`. */
export function streamCifar100(folder: string, options: OpenOptions): Promise<ImageStream> {
  return streamCifar(cifar100, folder, options);
}

async function streamCifar(layout: Layout, folder: string, options: OpenOptions): Promise<ImageStream> {
  const { files } = options;
  const listed = await listSetFolder(files, folder);
  const batches = listed
    .filter((name) => layout.train.test(name))
    .sort((a, b) => batchNumber(a) - batchNumber(b));
  if (batches.length === 0) {
    throw missingFiles(layout.name, folder, layout.train, layout.trainFiles, listed);
  }
  const tests = listed.filter((name) => name === layout.test);
  const classes = await readClassNames(files, files.join(folder, layout.classFile), layout.classCount);
  const describe = async (name: string, partition: Partition): Promise<RecordFile> => {
    const path = files.join(folder, name);
    const recordBytes = layout.labelBytes + area * 3;
    return {
      path,
      name,
      partition,
      headerBytes: 0,
      recordBytes,
      count: await countRecords(files, path, recordBytes),
      width: side,
      height: side,
      decode: (record, rgb) => decodePlanes(record.subarray(layout.labelBytes), rgb),
      labels: (record, index) => checkedLabel(record[layout.labelBytes - 1]!, index, path, layout),
    };
  };
  const parts = await Promise.all([
    ...batches.map((name) => describe(name, 'train')),
    ...tests.map((name) => describe(name, 'test')),
  ]);
  return streamRecords(parts, options.imageSize ?? side, options, ({ partition }) => ({
    name: layout.name,
    description: describeSet(layout, batches, partition),
    classes,
  }));
}

function batchNumber(name: string): number {
  return Number(name.match(/\d+/)?.[0] ?? 0);
}

function checkedLabel(label: number, index: number, path: string, { title, classCount }: Layout): number {
  if (label < classCount) return label;
  throw new UserError(
    `${path}, record ${index}: label ${label}, but ${title} has ${classCount} classes: is it another set's file?`,
  );
}

function decodePlanes(planes: Uint8Array, rgb: Uint8Array): void {
  for (let pixel = 0; pixel < area; pixel++) {
    rgb[pixel * 3] = planes[pixel]!;
    rgb[pixel * 3 + 1] = planes[area + pixel]!;
    rgb[pixel * 3 + 2] = planes[2 * area + pixel]!;
  }
}

function describeSet(layout: Layout, batches: readonly string[], partition: readonly Partition[]): string {
  const test = partition.filter((own) => own === 'test').length;
  const from = batches.length === 1 ? batches[0] : `${batches.length} files ${layout.trainFiles}`;
  return `${layout.title}: ${partition.length - test} training images from ${from}, ${test} test images`;
}
