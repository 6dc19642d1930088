import { UserError } from '../errors.ts';
import { quote } from './quote.ts';
import type { StoredTensor } from './safetensors.ts';
import { isObject } from './safetensors_header.ts';
import { decodeTensorFile, type TensorFile } from './tensor_file.ts';

// A model in several files, as transformers saves those over a few gigabytes: `model.safetensors.index.json`, or
// `pytorch_model.bin.index.json`, says in its `weight_map` which file holds which tensor.
// https://huggingface.co/docs/safetensors/index and huggingface_hub's serialization/_base.py

/** More parts than a model of any size has. */
const mostShards = 1000;

/**
 * Reads a model in several files by its index. Each file is read once and dropped before the next.
 * @param index the index's text
 * @param file its name, for error messages
 * @param readShard gives the bytes of a file beside the index by its name; undefined where there is none
 * @returns the tensors that the index lists, as if they stood in one file
 * @throws UserError where the index, a file or a tensor that it lists is missing or wrong
 */
export async function decodeShardedIndex(
  index: string,
  file: string,
  readShard: (name: string) => Promise<Uint8Array | undefined>,
): Promise<TensorFile> {
  const shards = namesByShard(index, file);
  const tensors = new Map<string, StoredTensor>();
  const metadata: Record<string, string> = Object.create(null);
  const unread = new Map<string, string>();
  let format: TensorFile['format'] = 'safetensors';
  for (const [shard, names] of shards) {
    const bytes = await readShard(shard);
    if (!bytes) {
      throw new UserError(
        `${file} names the file ${quote(shard)}, which is not beside it: copy it there too`,
      );
    }
    const part = decodeTensorFile(bytes, shard);
    format = part.format;
    Object.assign(metadata, part.metadata);
    for (const name of names) {
      const tensor = part.tensors.get(name);
      const reason = part.unread.get(name);
      if (tensor) tensors.set(name, tensor);
      else if (reason !== undefined) unread.set(name, reason);
      else {
        throw new UserError(
          `${file} says that ${quote(shard)} holds the tensor ${quote(name)}, which it does not: the files are not of ` +
            'one model; copy all of them again',
        );
      }
    }
  }
  return { format, tensors, metadata, unread };
}

/**
 * The files that an index names, in its order.
 * @param file its name, for error messages
 * @throws UserError where it is no index
 */
export const shardNames = (index: string, file: string): string[] => [...namesByShard(index, file).keys()];

/** The index's tensors under the file that holds them, in its order. */
function namesByShard(index: string, file: string): Map<string, string[]> {
  const refuse = (reason: string): never => {
    throw new UserError(`${file} is not the index of a model in several files (${reason}): copy it again`);
  };
  const map = weightMap(index);
  if (!map) return refuse('it has no weight_map with names of tensors and files');
  const shards = new Map<string, string[]>();
  for (const [name, shard] of Object.entries(map)) {
    // Only files of the index's own folder: no path, no drive, no hidden file.
    if (typeof shard !== 'string' || !/^[^/\\:\p{Cc}]{1,255}$/u.test(shard) || shard.startsWith('.')) {
      return refuse(`it names ${quote(String(shard))}, which is no file of its folder`);
    }
    const names = shards.get(shard);
    if (names) names.push(name);
    else shards.set(shard, [name]);
  }
  if (shards.size === 0) return refuse('its weight_map is empty');
  if (shards.size > mostShards) return refuse(`it names ${shards.size} files`);
  return shards;
}

function weightMap(index: string): object | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(index);
  } catch {
    return undefined;
  }
  const map = isObject(parsed) ? (parsed as { weight_map?: unknown }).weight_map : undefined;
  return isObject(map) ? map : undefined;
}
