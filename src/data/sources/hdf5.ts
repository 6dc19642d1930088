import { UserError } from '../../errors.ts';
import type { Hdf5Dataset } from '../../platform/platform.ts';
import { elementsIn, type StoredArray, shapeText } from './arrays/stored_array.ts';
import { streamArrays } from './arrays/stream_arrays.ts';
import type { ImageStream, OpenOptions } from './image_stream.ts';

/** Filters that every HDF5 library undoes. The others come as plug-ins; without them some libraries return noise. */
const undone = new Set(['deflate', 'gzip', 'shuffle', 'fletcher32']);

/**
 * A set of images and labels in an HDF5 file, under names as `rolesOf` knows them: `x` and `y`, `train/images`,
 * `train_set_x`. Where a file `…_x.h5` has no labels, as PatchCamelyon's, those of `…_y.h5` beside it count.
 * @throws UserError for a file that is none, without images, with labels that do not fit them, or with a filter that is
 * not undone here
 */
export async function streamHdf5(path: string, options: OpenOptions): Promise<ImageStream> {
  const { files } = options;
  const arraysOf = async (file: string): Promise<StoredArray[]> => {
    const bytes = (await files.stat(file))?.bytes ?? 0;
    const datasets = (await files.openHdf5(file)).filter(({ elements }) => elements !== 'other');
    return datasets.map((dataset) => arrayOf(dataset, file, bytes));
  };
  const arrays = await arraysOf(path);
  const beside = path.replace(/_x(\.\w+)$/, '_y$1');
  const hasBeside = beside !== path && (await files.stat(beside))?.kind === 'file';
  if (arrays.length === 1 && hasBeside) arrays.push(...(await arraysOf(beside)));
  return streamArrays(arrays, path, options);
}

/** Deflate makes of a byte 1,032 at most; a header that claims more than that of its file is damaged. */
const maxRatio = 1032;

function unreadableReason({ filters, shape }: Hdf5Dataset, fileBytes: number): string | undefined {
  const filter = filters.find((own) => !undone.has(own));
  if (filter !== undefined)
    return `is packed by the filter ${filter}, which is not undone here: save it with gzip or without a filter`;
  if (elementsIn(shape) <= maxRatio * fileBytes) return undefined;
  return `is ${shapeText(shape)}, more than can lie in a file of ${fileBytes} bytes: copy or save it again`;
}

function arrayOf(dataset: Hdf5Dataset, file: string, fileBytes: number): StoredArray {
  const { name, shape, type } = dataset;
  const where = `${file}, ${name}`;
  const read = (first: number, count: number) => {
    const values = attempt(where, () => dataset.read(first, count));
    if (values.length === count * elementsIn(shape.slice(1))) return values;
    throw damaged(where);
  };
  return {
    name,
    shape,
    elements: dataset.elements as StoredArray['elements'],
    type,
    unreadable: unreadableReason(dataset, fileBytes),
    read: async (first, count) => {
      const values = read(first, count);
      return values instanceof Uint8Array ? values : Uint8Array.from(values as ArrayLike<number>);
    },
    numbers: async () => Float64Array.from(read(0, shape[0]!), Number),
    texts: async () => Array.from(read(0, shape[0]!), String),
  };
}

function attempt<T>(where: string, work: () => T): T {
  try {
    return work();
  } catch {
    throw damaged(where);
  }
}

const damaged = (where: string): UserError =>
  new UserError(`${where} cannot be read: the file may be damaged, so copy or save it again`);
