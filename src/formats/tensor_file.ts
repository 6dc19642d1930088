import { UserError } from '../errors.ts';
import { foreignFile } from './foreign_file.ts';
import { quote } from './quote.ts';
import { beginsLikeSafetensors, decodeSafetensors, type StoredTensor } from './safetensors.ts';
import type { TorchContainer } from './torch/container.ts';
import { flatten } from './torch/flatten.ts';
import { beginsLikePickle, openLegacyContainer } from './torch/legacy_container.ts';
import { PickleDict, PickleList, PickleTuple, type PickleValue } from './torch/pickle_values.ts';
import { tensorReader } from './torch/tensor_data.ts';
import { openZipContainer } from './torch/zip_container.ts';
import { beginsLikeZip } from './torch/zip_entries.ts';

/** What a weights file holds, whatever its container. */
export interface TensorFile {
  readonly format: 'safetensors' | 'pytorch';
  /**
   * By name; from nested containers the path joined by '.', such as `state_dict.module.conv1.weight`; a tensor that is
   * in nothing is `tensor`.
   */
  readonly tensors: Map<string, StoredTensor>;
  /** Safetensors' metadata; of other formats none. Without a prototype, so that any key is only a key. */
  readonly metadata: Readonly<Record<string, string>>;
  /** What stands in the file and cannot be read as a tensor, by name, with the reason: `is quantised`; not more than 1,000. */
  readonly unread: ReadonlyMap<string, string>;
}

/** More names than any checkpoint has. */
const mostNames = 100_000;
/** Enough to explain a file; a file may hold objects without end that are no weights. */
const mostReasons = 1000;
/** Tensors may share storages, and half-width floats double; a file that claims more expands itself. */
const mostGrowth = 8;
const alwaysAllowed = 1 << 20;

/**
 * Reads a weights file, recognised by its content: safetensors, or what torch.save wrote, in its zip container or the
 * one before it. Of a pickle only tensors and plain containers are made and nothing is executed, so that a file of
 * unknown origin can do no harm. F16 and BF16 come back as F32, views as contiguous copies.
 * @param file its name, for error messages
 * @throws UserError for every way in which the bytes are not a whole, well-formed file with a tensor in it
 */
export function decodeTensorFile(bytes: Uint8Array, file: string): TensorFile {
  if (beginsLikeSafetensors(bytes)) {
    return { format: 'safetensors', ...decodeSafetensors(bytes, file), unread: new Map() };
  }
  const refuse = (reason: string): never => {
    throw new UserError(
      `${file} is not a file of torch.save that kindred can read (${reason}): download or copy it again, or load it in ` +
        'PyTorch and save its state_dict, torch.save(model.state_dict(), "weights.pth")',
    );
  };
  if (beginsLikeZip(bytes))
    return tensorsOf(openZipContainer(bytes, file, refuse), bytes.length, file, refuse);
  if (beginsLikePickle(bytes)) {
    return tensorsOf(openLegacyContainer(bytes, file, refuse), bytes.length, file, refuse);
  }
  throw new UserError(`${file} ${foreignFile(bytes)}`);
}

function tensorsOf(
  { value, storages }: TorchContainer,
  fileBytes: number,
  file: string,
  refuse: (reason: string) => never,
): TensorFile {
  const read = tensorReader(storages, mostGrowth * fileBytes + alwaysAllowed, refuse);
  const tensors = new Map<string, StoredTensor>();
  const unread = new Map<string, string>();
  for (const { path, value: found } of flatten(value)) {
    const tensor = typeof found === 'string' ? found : read(found);
    const isTwice = tensors.delete(path) || unread.has(path);
    // Two keys that read alike, such as 1 and '1': neither is meant more than the other.
    if (isTwice) unread.set(path, 'is there twice');
    else if (typeof tensor !== 'string') tensors.set(path, tensor);
    else if (unread.size < mostReasons) unread.set(path, tensor);
    if (tensors.size > mostNames) refuse('it holds more tensors than any network has');
  }
  if (tensors.size === 0) throw new UserError(`${file} ${nothingRead(value, unread)}`);
  return { format: 'pytorch', tensors, metadata: Object.create(null), unread };
}

/** Why a whole file gives no tensor, and what to do about it. */
function nothingRead(value: PickleValue, unread: ReadonlyMap<string, string>): string {
  const advice = 'load it in PyTorch and save its state_dict, torch.save(model.state_dict(), "weights.pth")';
  const [first] = unread;
  if (first) {
    const [name, reason] = [...unread].find(([, why]) => why.includes('pickled module')) ?? first;
    return unread.size === 1 && name === 'tensor'
      ? `${reason}: ${advice}`
      : `holds no tensor that can be read, and its ${quote(name)} ${reason}: ${advice}`;
  }
  return `holds no tensor (${content(value)}): give a file with a network's weights`;
}

function content(value: PickleValue): string {
  if (value instanceof PickleDict) {
    const keys = [...value.entries.keys()].filter((key) => typeof key === 'string');
    return keys.length > 0
      ? `it holds ${keys.slice(0, 5).map(quote).join(', ')}`
      : 'it holds an empty dictionary';
  }
  return value instanceof PickleList || value instanceof PickleTuple
    ? `it holds a list of ${value.items.length}`
    : 'it holds a single value';
}
