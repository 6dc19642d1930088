import { UserError } from '../../../errors.ts';
import type { ImageFiles } from '../page_storage.ts';
import { DecodePool } from './decode_pool.ts';
import { encodeJpegWithCanvas, encodePngWithCanvas } from './encode.ts';
import type { Wanted } from './jobs.ts';

/** Images of a page's files. */
export const pageImages: ImageFiles = ({ blob, stat }) => {
  const pool = new DecodePool();

  /** @param page where it is left open, that of a path such as `stack.tif#3` where there is no file of that name */
  async function decode<Kind extends keyof Wanted>(
    path: string,
    page: number | undefined,
    kind: Kind,
    wanted: Wanted[Kind],
  ) {
    const named = page === undefined ? /^(.+)#(\d+)$/s.exec(path) : null;
    const inside = named && !(await stat(path)) ? named : undefined;
    const file = await blob(inside?.[1] ?? path);
    return pool.decode({ kind, wanted, file, page: inside ? Number(inside[2]) : (page ?? 0) });
  }

  return {
    decodeImage: (path, size, { page, range, fit = 'crop' } = {}) =>
      decode(path, page, 'square', { size, fit, range }),
    decodeWhole: (path, { page, range } = {}) => decode(path, page, 'whole', { range }),
    readSamples: (path, page = 0) => decode(path, page, 'samples', {}),
    imageSize: (path, page) => decode(path, page, 'size', {}),
    openHdf5: (path) =>
      Promise.reject(
        new UserError(`${path} is an HDF5 file, which a page does not read: use the command line`),
      ),
    encodeJpeg: encodeJpegWithCanvas,
    encodePng: encodePngWithCanvas,
  };
};
