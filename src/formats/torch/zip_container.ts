import { UserError } from '../../errors.ts';
import { quote } from '../quote.ts';
import type { TorchContainer } from './container.ts';
import { readPickle } from './pickle.ts';
import { torchCalls } from './torch_calls.ts';
import { type ZipEntry, zipEntries } from './zip_entries.ts';

/** The pickle, in a folder that has the file's name, or in none where someone packed the folder's inside again. */
const pickleEntry = /^(?:[^/]*\/)?data\.pkl$/;

/**
 * Takes apart a file of torch.save since PyTorch 1.6: a zip archive with a pickle, `data.pkl`, and a file for each
 * storage, `data/KEY`, as caffe2/serialize/inline_container.h describes it.
 * @param refuse where the archive is whole and its content is not
 */
export function openZipContainer(
  bytes: Uint8Array,
  file: string,
  refuse: (reason: string) => never,
): TorchContainer {
  const entries = zipEntries(bytes, file);
  const names = [...entries.keys()];
  const pickle = names.find((name) => pickleEntry.test(name));
  const folder = pickle?.slice(0, -'data.pkl'.length) ?? '';
  const foreign = foreignArchive(names, folder);
  if (foreign !== undefined) throw new UserError(`${file} is ${foreign}`);
  if (pickle === undefined) {
    const found = names.length > 0 ? `it holds ${names.slice(0, 3).map(quote).join(', ')}` : 'it is empty';
    throw new UserError(
      `${file} is a zip archive, and not one that torch.save wrote (${found}): unpack it and give the weights file inside`,
    );
  }
  const stored = (name: string): Uint8Array | undefined => {
    const entry = entries.get(name);
    return entry && requireStored(entry, name, file);
  };
  const order = stored(`${folder}byteorder`);
  const { value } = readPickle(stored(pickle)!, 0, torchCalls(refuse), refuse);
  return {
    value,
    storages: {
      // Written since PyTorch 2.1; before that, as on all of today's machines, the least significant byte came first.
      bigEndian: order !== undefined && new TextDecoder().decode(order.subarray(0, 16)).trim() === 'big',
      bytesOf: ({ key }) =>
        stored(`${folder}data/${key}`) ??
        refuse(`its archive has no storage ${quote(`${folder}data/${key}`)}`),
    },
  };
}

/** The bytes of an entry, which PyTorch never compresses. */
function requireStored({ method, bytes }: ZipEntry, name: string, file: string): Uint8Array {
  if (method === 0) return bytes;
  throw new UserError(
    `${file} holds ${quote(name)} compressed, as PyTorch does not write it: load it in PyTorch and save its state_dict ` +
      'again, or pack it again without compression',
  );
}

/** What an archive of others is, and what to do about it. */
function foreignArchive(names: readonly string[], folder: string): string | undefined {
  const has = (pattern: RegExp) => names.some((name) => pattern.test(name));
  if (names.includes(`${folder}constants.pkl`) || has(/^[^/]*\/(?:code\/|model\.json$)/)) {
    return 'a TorchScript program (torch.jit.save): load it in PyTorch and save its state_dict, torch.save(model.state_dict(), "weights.pth")';
  }
  if (has(/^model\.weights\.h5$/))
    return 'a Keras model: give weights of PyTorch, by torch.save or as safetensors';
  if (names.length > 0 && names.every((name) => name.endsWith('.npy'))) {
    return 'an archive of NumPy arrays (.npz), not weights: give a safetensors file or one that torch.save wrote';
  }
  return undefined;
}
