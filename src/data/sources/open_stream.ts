import { named, sentence, UserError } from '../../errors.ts';
import type { Files } from '../../platform/platform.ts';
import { streamDemo } from '../demo/demo.ts';
import { streamCifar10, streamCifar100 } from './cifar.ts';
import { requireImageFolder, streamFolder } from './folder.ts';
import { streamHdf5 } from './hdf5.ts';
import { streamIdx } from './idx.ts';
import type { ImageStream, OpenOptions } from './image_stream.ts';
import { streamNpz } from './npz.ts';
import { streamPack } from './pack/read_pack.ts';
import { requireSetFile, requireSetFolder } from './records.ts';
import { streamStl10 } from './stl10.ts';

/** Opens one kind of set; `place` is what follows `NAME:`, empty where nothing does. */
type Opener = (place: string, options: OpenOptions) => Promise<ImageStream>;

/** Sets by the name in front of the colon; everything else is a folder of images. */
const openers: Readonly<Record<string, Opener>> = {
  cifar10: streamCifar10,
  cifar100: streamCifar100,
  stl10: streamStl10,
  idx: streamIdx,
  npz: streamNpz,
  hdf5: streamHdf5,
  pack: streamPack,
  demo: async (_place, options) => streamDemo(options),
};

/** Sets that are one file, and the endings that such files usually have. */
const fileSets: Readonly<Record<string, RegExp>> = { npz: /\.npz$/i, hdf5: /\.(h5|hdf5|hdf)$/i };

/** What follows a set's name and its colon, as messages write it. */
const placeOf = (name: string): string => (Object.hasOwn(fileSets, name) ? 'FILE' : 'DIR');

/**
 * Opens the set that the setting `data` names: `cifar10:DIR`, `cifar100:DIR`, `stl10:DIR`, `idx:DIR`, `npz:FILE`,
 * `hdf5:FILE`, `pack:DIR`, `demo`, or a folder of images. Binary sets are resized on the CPU where `imageSize` differs from their own (see `createResizer`).
 * @throws UserError where no images lie there or an option is out of range
 */
export async function openStream(spec: string, options: OpenOptions): Promise<ImageStream> {
  checkInteger('image size', 'imageSize', options.imageSize, 1, 1024);
  checkInteger('limit', 'limit', options.limit, 1, 2 ** 32 - 1);
  checkInteger('test limit', 'testLimit', options.testLimit, 0, 2 ** 32 - 1);
  const { set, place } = await requireSource(spec, options.files);
  return set === undefined ? streamFolder(place, options) : openers[set]!(place, options);
}

/** What the setting `data` names. */
export interface Source {
  /** The binary set's name; undefined for a folder of images. */
  readonly set: string | undefined;
  /** The folder or file; empty for `demo`. */
  readonly place: string;
}

/**
 * Takes the setting `data` apart and looks whether there is anything where it leads, without opening it.
 * @throws UserError for a kind of set that is not known, and a folder or file that is missing or the other of the two
 */
export async function requireSource(spec: string, files: Files): Promise<Source> {
  if (spec === '')
    throw new UserError(sentence`${named('data')} is empty: give a folder of images or ${known()}`);
  const [, name, place] = spec.match(/^([a-z0-9]+)(?::(.*))?$/s) ?? [];
  if (name === 'demo') return { set: name, place: '' };
  if (name !== undefined && Object.hasOwn(openers, name)) {
    const isFile = Object.hasOwn(fileSets, name);
    if (!place)
      throw new UserError(
        sentence`${name} needs its ${isFile ? 'file' : 'folder'}: give ${named('data', `${name}:${placeOf(name)}`)}`,
      );
    await (isFile ? requireSetFile : requireSetFolder)(files, place);
    return { set: name, place };
  }
  if (name !== undefined && place !== undefined && (await files.stat(spec)) === undefined) {
    throw new UserError(`${spec}: '${name}:' is no kind of data set: give a folder of images or ${known()}`, {
      setting: 'data',
    });
  }
  const set = Object.keys(fileSets).find((own) => fileSets[own]!.test(spec));
  if (set !== undefined && (await files.stat(spec))?.kind === 'file')
    throw new UserError(sentence`${spec} is a file: give ${named('data', `${set}:${spec}`)}`);
  await requireImageFolder(files, spec);
  return { set: undefined, place: spec };
}

function known(): string {
  return Object.keys(openers)
    .map((name) => (name === 'demo' ? name : `${name}:${placeOf(name)}`))
    .join(', ');
}

function checkInteger(
  what: string,
  setting: string,
  value: number | undefined,
  least: number,
  most: number,
): void {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return;
  throw new UserError(
    sentence`${what} ${value}: give ${named(setting)} a whole number from ${least} to ${most}`,
  );
}
