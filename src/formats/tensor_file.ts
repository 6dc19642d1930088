import { decodeSafetensors, type StoredTensor } from './safetensors.ts';

/** What a weights file holds, whatever its container. */
export interface TensorFile {
  readonly format: 'safetensors' | 'pytorch';
  /** By name; from nested containers the path joined by '.', such as `state_dict.module.conv1.weight`. */
  readonly tensors: Map<string, StoredTensor>;
  /** Safetensors' metadata; of other formats none. Without a prototype, so that any key is only a key. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Tensors that are there and cannot be read, by name, with the reason: `is quantised`. */
  readonly unread: ReadonlyMap<string, string>;
}

/**
 * Reads a weights file, recognised by its content.
 * @param file its name, for error messages
 * @throws UserError for every way in which the bytes are not a whole, well-formed file
 */
export function decodeTensorFile(bytes: Uint8Array, file: string): TensorFile {
  return { format: 'safetensors', ...decodeSafetensors(bytes, file), unread: new Map() };
}
