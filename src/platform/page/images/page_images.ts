import { UserError } from '../../../errors.ts';
import type { ImageFiles } from '../page_storage.ts';
import { encodeJpegWithCanvas, encodePngWithCanvas } from './encode.ts';

/** Images of a page's files. @param _blob the file at a path */
export const pageImages: ImageFiles = (_blob) => {
  const refuse = (path: string): Promise<never> =>
    Promise.reject(new UserError(`${path}: a page does not decode images`));
  return {
    openHdf5: (path) =>
      Promise.reject(
        new UserError(`${path} is an HDF5 file, which a page does not read: use the command line`),
      ),
    decodeImage: refuse,
    decodeWhole: refuse,
    readSamples: refuse,
    imageSize: refuse,
    encodeJpeg: encodeJpegWithCanvas,
    encodePng: encodePngWithCanvas,
  };
};
