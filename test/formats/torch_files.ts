import file from '../fixtures/torch_files.json';

/** A file of torch.save, and what PyTorch reads from it. */
export interface TorchFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** dtype, shape and little-endian bytes in hexadecimal digits of each tensor. */
  readonly tensors: Readonly<Record<string, readonly [string, readonly number[], string]>>;
  /** Part of the reason why something is no tensor that can be had. */
  readonly opaque: Readonly<Record<string, string>>;
}

interface Entry {
  readonly bytes: string;
  readonly tensors: unknown;
  readonly opaque?: Readonly<Record<string, string>>;
}

/** The files of fixtures/torch_files.json. */
export const torchFiles: readonly TorchFile[] = Object.entries(file.files as Record<string, Entry>).map(
  ([name, { bytes, tensors, opaque = {} }]) => ({
    name,
    bytes: Uint8Array.from(atob(bytes), (character) => character.charCodeAt(0)),
    tensors: tensors as TorchFile['tensors'],
    opaque,
  }),
);

/** One of them by its name. */
export function torchFile(name: string): TorchFile {
  const found = torchFiles.find((each) => each.name === name);
  if (!found) throw new RangeError(`no file ${name} among the fixtures`);
  return found;
}
