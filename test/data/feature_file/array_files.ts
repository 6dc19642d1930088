import { type ByteSource, sourceOf } from '../../../src/formats/arrays/byte_source.ts';
import fixture from '../../fixtures/feature_arrays.json';

/** What the fixture's files hold. */
export const { matrix, whole, paths } = fixture;

/** Names of the fixture's files. */
export const fileNames = Object.keys(fixture.files);

/** Bytes of a file that NumPy or SciPy wrote. */
export function arrayFile(name: string): Uint8Array {
  const text = (fixture.files as Record<string, string>)[name];
  if (text === undefined) throw new Error(`the fixture has no file ${name}`);
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** The same as a source. */
export const arraySource = (name: string): ByteSource => sourceOf(arrayFile(name), name);
