import { UserError } from '../../errors.ts';
import type { Hdf5Dataset } from '../../platform/platform.ts';
import { elementsIn, type StoredArray } from './arrays/stored_array.ts';
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
  const datasets = [...(await files.openHdf5(path))];
  const beside = path.replace(/_x(\.\w+)$/, '_y$1');
  if (datasets.length === 1 && beside !== path && (await files.stat(beside))?.kind === 'file')
    datasets.push(...(await files.openHdf5(beside)));
  return streamArrays(
    datasets.flatMap((dataset) => (dataset.elements === 'other' ? [] : [arrayOf(dataset, path)])),
    path,
    options,
  );
}

function arrayOf(dataset: Hdf5Dataset, file: string): StoredArray {
  const { name, shape, type } = dataset;
  const filter = dataset.filters.find((own) => !undone.has(own));
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
    unreadable:
      filter &&
      `is packed by the filter ${filter}, which is not undone here: save it with gzip or without a filter`,
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
