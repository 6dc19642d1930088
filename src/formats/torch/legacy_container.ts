import { UserError } from '../../errors.ts';
import { quote } from '../quote.ts';
import type { TorchContainer } from './container.ts';
import { type Calls, readPickle } from './pickle.ts';
import { PickleList, PickleTuple, type PickleValue, type TorchStorage } from './pickle_values.ts';
import { storageElementBytes } from './tensor_data.ts';
import { torchCalls } from './torch_calls.ts';

const magic = 0x1950a86a20f9469cfc6cn;
const protocol = 1001;

/** Whether the bytes begin like a pickle of protocol 2 or later. */
export function beginsLikePickle(bytes: Uint8Array): boolean {
  return bytes[0] === 0x80 && bytes[1]! >= 2 && bytes[1]! <= 5;
}

/** Of the pickles before the content nothing but plain values is wanted. */
const plain: Calls = { call: () => null, build: () => {}, persistent: () => null };

/**
 * Takes apart a file of torch.save before PyTorch 1.6: pickles of a magic number, a version, the machine, the content
 * and the storages' keys, then each storage's number of elements and bytes, little-endian on any machine
 * (`_legacy_save` and `_legacy_load` of torch/serialization.py).
 * @param refuse where the file is whole and its content is not
 */
export function openLegacyContainer(
  bytes: Uint8Array,
  file: string,
  refuse: (reason: string) => never,
): TorchContainer {
  const truncated = (): never => {
    throw new UserError(
      `${file} is only the beginning of a PyTorch file (its ${bytes.length} bytes end within the list of its tensors): ` +
        'download or copy it again',
    );
  };
  let at = 0;
  const next = (calls: Calls): PickleValue => {
    const { value, end } = readPickle(bytes, at, calls, refuse, truncated);
    at = end;
    return value;
  };
  if (!isMagic(bytes)) {
    throw new UserError(
      `${file} is a Python pickle that torch.save did not write: load it in Python and save its tensors with torch.save`,
    );
  }
  next(plain);
  const version = next(plain);
  if (version !== protocol) refuse(`its version is ${quote(String(version))} and not ${protocol}`);
  next(plain);
  const storages = new Map<string, TorchStorage>();
  const value = next(
    torchCalls(refuse, (storage) => {
      if (!storages.has(storage.key)) storages.set(storage.key, storage);
    }),
  );
  const keys = next(plain);
  if (!(keys instanceof PickleList || keys instanceof PickleTuple))
    return refuse('it has no list of its storages');
  const places = placeStorages(bytes, at, keys.items.map(String), storages, file, refuse);
  return {
    value,
    storages: {
      bigEndian: false,
      bytesOf: ({ key }) => places.get(key) ?? refuse(`it does not hold its storage ${quote(key)}`),
    },
  };
}

/** Whether the first pickle is PyTorch's number, in whichever protocol. */
function isMagic(bytes: Uint8Array): boolean {
  class Other extends Error {}
  const other = (): never => {
    throw new Other();
  };
  try {
    return readPickle(bytes, 0, plain, other).value === magic;
  } catch (error) {
    if (error instanceof Other) return false;
    throw error;
  }
}

/** Finds each storage's bytes, one behind the other. */
function placeStorages(
  bytes: Uint8Array,
  begin: number,
  keys: readonly string[],
  storages: ReadonlyMap<string, TorchStorage>,
  file: string,
  refuse: (reason: string) => never,
): Map<string, Uint8Array> {
  const sizes = keys.map((key) => {
    const storage = storages.get(key);
    if (!storage) return refuse(`it lists a storage ${quote(key)} that its content does not know`);
    const width = storageElementBytes(storage.kind);
    return width === undefined
      ? refuse(`it has a storage of the kind ${quote(storage.kind)}, which kindred does not read`)
      : storage.length * width;
  });
  const needed = sizes.reduce((sum, size) => sum + 8 + size, begin);
  if (needed > bytes.length) {
    throw new UserError(
      `${file} is only the beginning of a PyTorch file (${bytes.length} of ${needed} bytes are there): ` +
        'download or copy it again',
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const places = new Map<string, Uint8Array>();
  let at = begin;
  for (const [i, key] of keys.entries()) {
    const { length } = storages.get(key)!;
    const stated = view.getBigUint64(at, true);
    if (stated !== BigInt(length)) {
      return refuse(`its storage ${quote(key)} has ${stated} elements where its tensors expect ${length}`);
    }
    places.set(key, bytes.subarray(at + 8, at + 8 + sizes[i]!));
    at += 8 + sizes[i]!;
  }
  return places;
}
