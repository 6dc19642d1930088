import { named, sentence, UserError } from '../../errors.ts';
import { streamDemo } from '../demo/demo.ts';
import { streamCifar10, streamCifar100 } from './cifar.ts';
import { streamFolder } from './folder.ts';
import { streamIdx } from './idx.ts';
import type { ImageStream, OpenOptions } from './image_stream.ts';
import { streamStl10 } from './stl10.ts';

/** Opens one kind of set; `place` is what follows `NAME:`, empty where nothing does. */
type Opener = (place: string, options: OpenOptions) => Promise<ImageStream>;

/** Sets by the name in front of the colon; everything else is a folder of images. */
const openers: Readonly<Record<string, Opener>> = {
  cifar10: inFolder('cifar10', streamCifar10),
  cifar100: inFolder('cifar100', streamCifar100),
  stl10: inFolder('stl10', streamStl10),
  idx: inFolder('idx', streamIdx),
  demo: async (_place, options) => streamDemo(options),
};

/**
 * Opens the set that the setting `data` names: `cifar10:DIR`, `cifar100:DIR`, `stl10:DIR`, `idx:DIR`, `demo`, or a folder
 * of images. Binary sets are resized on the CPU where `imageSize` differs from their own (see `createResizer`).
 * @throws UserError where no images lie there or an option is out of range
 */
export async function openStream(spec: string, options: OpenOptions): Promise<ImageStream> {
  checkInteger('image size', 'imageSize', options.imageSize, 1, 1024);
  checkInteger('limit', 'limit', options.limit, 1, 2 ** 32 - 1);
  checkInteger('test limit', 'testLimit', options.testLimit, 0, 2 ** 32 - 1);
  if (spec === '')
    throw new UserError(sentence`${named('data')} is empty: give a folder of images or ${known()}`);
  const [, name, place] = spec.match(/^([a-z0-9]+)(?::(.*))?$/s) ?? [];
  const opener = name !== undefined && Object.hasOwn(openers, name) ? openers[name] : undefined;
  if (opener) return opener(place ?? '', options);
  if (name !== undefined && place !== undefined && (await options.files.stat(spec)) === undefined) {
    throw new UserError(`${spec}: '${name}:' is no kind of data set: give a folder of images or ${known()}`, {
      setting: 'data',
    });
  }
  return streamFolder(spec, options);
}

function inFolder(name: string, open: Opener): Opener {
  return async (folder, options) => {
    if (folder === '')
      throw new UserError(sentence`${name} needs its folder: give ${named('data', `${name}:DIR`)}`);
    return open(folder, options);
  };
}

function known(): string {
  return Object.keys(openers)
    .map((name) => `${name}:DIR`)
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
