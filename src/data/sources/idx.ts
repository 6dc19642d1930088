import { UserError } from '../../errors.ts';
import type { Files } from '../../platform/platform.ts';
import type { ImageStream, OpenOptions, Partition } from './image_stream.ts';
import { listSetFolder, missingFiles, type RecordFile, streamRecords } from './records.ts';

// `[prefix-]train-images-idx3-ubyte`; some unpackers turn the second-last dash into a dot.
const imageFileName = /^(.*?)(train|t10k|test)-images[-.]idx3-ubyte$/;

/**
 * A set of the MNIST family (MNIST, Fashion, Kuzushiji, EMNIST): unsigned bytes in IDX files
 * (http://yann.lecun.com/exdb/mnist/): a big-endian header 0x00000803, N, H, W, then N·H·W grey pixels, which become
 * RGB; labels 0x00000801, N, then N bytes. `t10k` or `test` files are the test partition. Classes are named by the
 * label numbers that occur. Images that are not square lose the ends of their longer side.
 * @throws UserError for missing files, several sets in one folder, a wrong header or length
 */
export async function streamIdx(folder: string, options: OpenOptions): Promise<ImageStream> {
  const { files } = options;
  const listed = await listSetFolder(files, folder);
  const found = listed.flatMap((name) => {
    const match = name.includes('/') ? null : name.match(imageFileName);
    return match ? [{ name, set: match[1]!, partition: partitionOf(match[2]!) }] : [];
  });
  if (!found.some(({ partition }) => partition === 'train')) throw noTrainingFile(folder, listed);
  const sets = [...new Set(found.map(({ set }) => set))];
  if (found.length > 2 || sets.length > 1) {
    const names = found.map(({ name }) => name).join(', ');
    throw new UserError(`${folder} holds more than one set (${names}): keep each in a folder of its own`);
  }
  found.sort((a, b) => Number(a.partition === 'test') - Number(b.partition === 'test'));
  const values = await Promise.all(found.map(({ name }) => readLabelFile(files, folder, name, listed)));
  const classNumbers = [...new Set(values.flatMap((bytes) => [...(bytes ?? [])]))].sort((a, b) => a - b);
  const records = await Promise.all(
    found.map(async ({ name, partition }, index) => {
      const path = files.join(folder, name);
      const bytes = values[index];
      const labels = bytes && Int32Array.from(bytes, (value) => classNumbers.indexOf(value));
      return describe(path, name, partition, await readShape(files, path), labels);
    }),
  );
  const { width, height } = records[0]!;
  const size = options.imageSize ?? Math.min(width, height);
  return streamRecords(records, size, options, ({ partition }) => {
    const test = partition.filter((own) => own === 'test').length;
    const name = sets[0]!.replace(/[-_.]$/, '') || 'idx';
    const train = partition.length - test;
    const description = `${found[0]!.name}: ${train} training images of ${height}×${width} grey pixels, ${test} test images`;
    return { name, description, classes: classNumbers.map(String) };
  });
}

function partitionOf(word: string): Partition {
  return word === 'train' ? 'train' : 'test';
}

function noTrainingFile(folder: string, listed: readonly string[]): UserError {
  const packed = listed.find((name) => /images[-.]idx3-ubyte\.gz$/.test(name));
  if (packed) return new UserError(`${folder} holds packed files (${packed}): unpack them with gunzip first`);
  return missingFiles('idx', folder, imageFileName, 'train-images-idx3-ubyte', listed);
}

interface Shape {
  readonly count: number;
  readonly height: number;
  readonly width: number;
}

async function readShape(files: Files, path: string): Promise<Shape> {
  const header = await files.readSlice(path, 0, 16);
  const [magic, count, height, width] = bigEndianWords(header);
  if (magic !== 0x803 || count === undefined || !height || !width) {
    throw new UserError(
      `${path} does not begin as an IDX file of images does (00 00 08 03, N, H, W): fetch it again`,
    );
  }
  const bytes = (await files.stat(path))?.bytes ?? 0;
  const expected = 16 + count * height * width;
  if (count === 0 || bytes !== expected) {
    throw new UserError(
      `${path} has ${bytes} bytes, but its header says ${count} records of ${height}×${width} bytes, ${expected} in all: fetch it again`,
    );
  }
  return { count, height, width };
}

async function readLabelFile(
  files: Files,
  folder: string,
  imageFile: string,
  listed: readonly string[],
): Promise<Uint8Array | undefined> {
  const pattern = imageFile.replace('-images', '-labels').replace('idx3', 'idx1');
  const name = [pattern, pattern.replace('.idx1', '-idx1'), pattern.replace('-idx1', '.idx1')].find(
    (candidate) => listed.includes(candidate),
  );
  if (name === undefined) return undefined;
  const path = files.join(folder, name);
  const bytes = await files.read(path);
  const [magic, count] = bigEndianWords(bytes.subarray(0, 8));
  if (magic !== 0x801 || count !== bytes.length - 8) {
    throw new UserError(
      `${path} has ${bytes.length} bytes and does not begin as an IDX file of as many labels does (00 00 08 01, N): fetch it again`,
    );
  }
  return bytes.subarray(8);
}

function bigEndianWords(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, word) => view.getUint32(word * 4));
}

function describe(
  path: string,
  name: string,
  partition: Partition,
  { count, height, width }: Shape,
  labels: Int32Array | undefined,
): RecordFile {
  if (labels && labels.length !== count) {
    throw new UserError(
      `${path} has ${count} images, but its label file ${labels.length} labels: fetch both again`,
    );
  }
  return {
    path,
    name,
    partition,
    headerBytes: 16,
    recordBytes: width * height,
    count,
    width,
    height,
    decode: repeatGrey,
    labels,
  };
}

function repeatGrey(record: Uint8Array, rgb: Uint8Array): void {
  for (let pixel = 0; pixel < record.length; pixel++) {
    rgb[pixel * 3] = rgb[pixel * 3 + 1] = rgb[pixel * 3 + 2] = record[pixel]!;
  }
}
