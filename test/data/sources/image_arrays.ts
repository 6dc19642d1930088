import * as assert from 'uvu/assert';
import type { ImageStream } from '../../../src/data/sources/image_stream.ts';
import fixture from '../../fixtures/image_arrays.json';

/** A file that numpy or h5py wrote. */
export const arrayFile = (name: keyof typeof fixture.files): Uint8Array =>
  Uint8Array.from(Buffer.from(fixture.files[name], 'base64'));

/** What the files hold: RGB bytes of each image, grey ones three times. */
export const greyImages = fixture.grey.map((rows) => rows.flat().flatMap((value) => [value, value, value]));
export const rgbImages = fixture.rgb.map((rows) => rows.flat(2));

/** The class numbers 0, 2, 5 of the files in order, as they become numbers of classes. */
export const classNumbers = fixture.labels.map((label) => [0, 2, 5].indexOf(label));

/** All images of a set of squares, in the order of its numbers, read backwards in one call and one by one. */
export async function imagesIn(stream: ImageStream): Promise<number[][]> {
  const { size, paths, read } = stream;
  const bytes = 3 * size * size;
  const numbers = Int32Array.from(paths.keys()).reverse();
  const target = new Uint8Array(bytes * paths.length);
  assert.equal(await read(numbers, target), []);
  const all = Array.from(numbers, (_, at) => [...target.subarray(at * bytes, (at + 1) * bytes)]).reverse();
  for (const image of paths.keys()) {
    const one = new Uint8Array(bytes);
    await read(Int32Array.of(image), one);
    assert.equal([...one], all[image]);
  }
  return all;
}
