import type { Dataset, File, Group } from 'h5wasm/node';
import { UserError } from '../errors.ts';
import type { Hdf5Dataset } from './platform.ts';

/** Groups within one another, and datasets in a file, beyond which it is no set of images. */
const deepest = 8;
const mostDatasets = 1000;

type Library = typeof import('h5wasm/node');

/** The library has 4 MB and starts in about a second, so it is loaded where an HDF5 file is. */
async function loadLibrary(): Promise<Library> {
  const library = await import('h5wasm/node').catch(() => {
    throw new UserError(
      'HDF5 files are read by the package h5wasm, which is not installed: add it with npm install h5wasm',
    );
  });
  const module = await library.ready;
  // Else each error of the library fills the terminal with its inner calls.
  module.activate_throwing_error_handler();
  return library;
}

/** Files that stay open; the one that was asked for least recently is closed for another, and opened again when it is asked for. */
const mostOpen = 8;
const open = new Set<Reopened>();

/** A file that is open while it is used. */
class Reopened {
  readonly #library: Library;
  readonly #path: string;
  #file: File | undefined;

  constructor(library: Library, path: string) {
    this.#library = library;
    this.#path = path;
  }

  /** @throws Error where it is no HDF5 file */
  get file(): File {
    open.delete(this);
    open.add(this);
    const [oldest] = open;
    if (open.size > mostOpen) oldest!.close();
    this.#file ??= new this.#library.File(this.#path, 'r');
    return this.#file;
  }

  close(): void {
    open.delete(this);
    this.#file?.close();
    this.#file = undefined;
  }
}

/** See `Files.openHdf5`. */
export async function openHdf5(path: string): Promise<readonly Hdf5Dataset[]> {
  const library = await loadLibrary();
  const source = new Reopened(library, path);
  const found: Hdf5Dataset[] = [];
  const visit = (group: Group, prefix: string, depth: number): void => {
    for (const key of group.keys()) {
      // The library looks links up from the root, whatever the group is that one asks.
      if (source.file.get_external_link(prefix + key).filename !== undefined) continue;
      const entity = group.get(key);
      if (entity instanceof library.Dataset) found.push(describe(entity, prefix + key, source));
      else if (entity instanceof library.Group && depth < deepest)
        visit(entity, `${prefix}${key}/`, depth + 1);
      if (found.length > mostDatasets)
        throw new UserError(`${path} has more than ${mostDatasets} datasets: save the images as one array`);
    }
  };
  try {
    visit(source.file, '', 1);
  } catch (error) {
    source.close();
    if (error instanceof UserError) throw error;
    throw new UserError(
      `${path} is no whole HDF5 file: it may be cut off or of another kind, so copy or save it again`,
    );
  }
  return found;
}

/** HDF5's numbers for classes of types: integers, floating point, text, and integers with names, such as truth values. */
const [integer, float, text, enumeration] = [0, 1, 3, 8];

function describe(dataset: Dataset, name: string, source: Reopened): Hdf5Dataset {
  const { type, size, signed } = dataset.metadata;
  const shape = dataset.shape ?? [];
  const isNumber = type === integer || type === float || type === enumeration;
  const isByte = type === integer && size === 1 && !signed;
  const kind = type === float ? 'float' : signed ? 'int' : 'uint';
  return {
    name,
    shape,
    elements: isByte ? 'bytes' : isNumber ? 'numbers' : type === text ? 'text' : 'other',
    type: isNumber ? `${kind}${8 * size}` : type === text ? 'text' : 'no number',
    filters: dataset.filters.map(({ name: filter, id }) => filter || `number ${id}`),
    read: (first, count) => {
      const own = source.file.get(name) as Dataset;
      const values = own.slice([[first, first + count], ...shape.slice(1).map((): [] => [])]);
      if (values === null || typeof values !== 'object' || !('length' in values))
        throw new Error(`${name} gives no list of values`);
      return values as ArrayLike<number | bigint | string>;
    },
  };
}
