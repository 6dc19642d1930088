import * as v from 'valibot';
import { PieceHashes, sha256OfHashes, toHex } from '../../formats/digest.ts';
import {
  encodeSafetensors,
  locateTensors,
  type StoredTensor,
  safetensorsHead,
  type TensorPlace,
} from '../../formats/safetensors.ts';
import { squareHashBytes, thumbnailPixels } from '../../label/scan/census.ts';
import type { Files } from '../../platform/platform.ts';
import { encoderDigest, type JobEncoder, type Manifest, type Shard } from './manifest.ts';

/*
 * What was computed of a shard's n images, a safetensors file:
 *
 *   features.0 …   float32, n × columns of each encoder
 *   squares        uint8, n × 16: the beginning of the SHA-256 of each square
 *   thumbnails     uint8, n × 256 grey levels
 *   readable       uint8, n: 1 for images that can be read
 *   metadata       `kindred`: what is below, as JSON
 *
 * In a part that was stopped, each tensor has as many rows as were done.
 */

const version = 1;
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const about = v.object({
  version: v.literal(version),
  /** The shard's rows, by their hash. */
  rows: v.string(),
  /** Digests of the encoders, in order. */
  encoders: v.array(v.string()),
  /** Images done by each. */
  done: v.array(count),
  /** What computed it. */
  adapter: v.string(),
  /** Images that cannot be read: row and reason. */
  skipped: v.array(v.tuple([count, v.string()])),
  /** Digest of all tensors' bytes. */
  content: v.string(),
});

/** What is known of a shard's n images so far. */
export interface Part {
  /** Images whose features each encoder has made; the census covers those of the first. */
  readonly done: number[];
  /** Of each encoder, n × columns. */
  readonly features: readonly Float32Array<ArrayBuffer>[];
  /** n × `squareHashBytes`. */
  readonly squares: Uint8Array<ArrayBuffer>;
  /** n × `thumbnailPixels`. */
  readonly thumbnails: Uint8Array<ArrayBuffer>;
  /** n; 1 for images that can be read. */
  readonly readable: Uint8Array<ArrayBuffer>;
  /** Images that cannot be read, by row, ascending. */
  readonly skipped: Map<number, string>;
  /** What computes it. */
  readonly adapter: string;
}

/** Whose part a file must be. */
export interface Owner {
  /** The shard. */
  readonly shard: Shard;
  /** Encoders of the job, in order. */
  readonly encoders: readonly JobEncoder[];
  /** Their digests. */
  readonly digests: readonly string[];
}

/** Whose part a shard's file must be. */
export async function ownerOf({ encoders }: Manifest, shard: Shard): Promise<Owner> {
  return { shard, encoders, digests: await Promise.all(encoders.map(encoderDigest)) };
}

/** Why a file is not the part that it should be, in words that follow `shard 3 is`. */
export type PartProblem =
  | 'missing'
  | 'truncated or damaged'
  | 'of another checkpoint'
  | 'of other images'
  | 'of another version of kindred';

/** Room for the part of a shard of which nothing is done. */
export function emptyPart({ shard, encoders }: Owner, adapter: string): Part {
  const { images } = shard;
  return {
    done: encoders.map(() => 0),
    features: encoders.map(({ columns }) => new Float32Array(images * columns)),
    squares: new Uint8Array(images * squareHashBytes),
    thumbnails: new Uint8Array(images * thumbnailPixels),
    readable: new Uint8Array(images),
    skipped: new Map(),
    adapter,
  };
}

/** The bytes of a part's file: of all that is done of it. */
export async function encodePart(part: Part, { shard, encoders, digests }: Owner): Promise<Uint8Array> {
  const { done } = part;
  const seen = done[0]!;
  const bytes = (data: Uint8Array<ArrayBuffer>, width: number): StoredTensor => ({
    dtype: 'U8',
    shape: width === 1 ? [seen] : [seen, width],
    data: data.subarray(0, seen * width),
  });
  const tensors = new Map<string, StoredTensor>([
    ['readable', bytes(part.readable, 1)],
    ['squares', bytes(part.squares, squareHashBytes)],
    ['thumbnails', bytes(part.thumbnails, thumbnailPixels)],
  ]);
  encoders.forEach(({ columns }, i) => {
    const data = part.features[i]!.subarray(0, done[i]! * columns);
    tensors.set(`features.${i}`, { dtype: 'F32', shape: [done[i]!, columns], data });
  });
  const hashes = new PieceHashes();
  for (const name of inFileOrder(encoders.length)) {
    const { data } = tensors.get(name)!;
    await hashes.add(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  const told: v.InferInput<typeof about> = {
    version,
    rows: shard.rows,
    encoders: [...digests],
    done,
    adapter: part.adapter,
    skipped: [...part.skipped].filter(([row]) => row < seen),
    content: toHex(await sha256OfHashes(await hashes.finish())),
  };
  return encodeSafetensors(tensors, { kindred: JSON.stringify(told) });
}

/** Names of the tensors as the file has them: wide elements first, then by code unit. */
const inFileOrder = (encoders: number): string[] => [
  ...Array.from({ length: encoders }, (_, i) => `features.${i}`).sort(),
  'readable',
  'squares',
  'thumbnails',
];

interface Opened {
  readonly told: v.InferOutput<typeof about>;
  readonly places: ReadonlyMap<string, TensorPlace>;
}

/** What a part's header says; or what is wrong with it. */
function open(head: Uint8Array, size: number, owner: Owner): Opened | PartProblem {
  const { shard, encoders, digests } = owner;
  let located: ReturnType<typeof locateTensors>;
  try {
    located = locateTensors(head, size, 'part');
  } catch {
    return 'truncated or damaged';
  }
  const json = v.safeParse(v.pipe(v.string(), v.parseJson(), v.looseObject({})), located.metadata.kindred);
  if (json.success && typeof json.output.version === 'number' && json.output.version !== version)
    return 'of another version of kindred';
  const read = v.safeParse(about, json.output);
  if (!read.success) return 'truncated or damaged';
  const told = read.output;
  if (told.encoders.join() !== digests.join()) return 'of another checkpoint';
  if (told.rows !== shard.rows) return 'of other images';
  const places = new Map(located.entries.map((entry) => [entry.name, entry]));
  const fits = (name: string, dtype: string, rows: number, width: number) => {
    const place = places.get(name);
    return place?.dtype === dtype && place.shape[0] === rows && (place.shape[1] ?? 1) === width;
  };
  const seen = told.done[0]!;
  const isWhole =
    told.done.length === encoders.length &&
    told.done.every((rows) => rows <= shard.images) &&
    fits('readable', 'U8', seen, 1) &&
    fits('squares', 'U8', seen, squareHashBytes) &&
    fits('thumbnails', 'U8', seen, thumbnailPixels) &&
    encoders.every(({ columns }, i) => fits(`features.${i}`, 'F32', told.done[i]!, columns));
  return isWhole ? { told, places } : 'truncated or damaged';
}

/** Whether a file is the whole part of a shard, by its length and its header; undefined where it is. */
export async function problemOfPart(
  files: Files,
  path: string,
  owner: Owner,
): Promise<PartProblem | undefined> {
  const found = await files.stat(path);
  if (found?.kind !== 'file') return 'missing';
  const first = await files.readSlice(path, 0, 8);
  const head = await files.readSlice(path, 0, safetensorsHead(first));
  const opened = open(head, found.bytes, owner);
  if (typeof opened === 'string') return opened;
  return opened.told.done.every((rows) => rows === owner.shard.images) ? undefined : 'truncated or damaged';
}

/** Reads a part, whole or stopped, and checks every byte of it; or tells what is wrong. */
export async function readPart(files: Files, path: string, owner: Owner): Promise<Part | PartProblem> {
  if ((await files.stat(path))?.kind !== 'file') return 'missing';
  const bytes = await files.read(path);
  const opened = open(bytes, bytes.length, owner);
  if (typeof opened === 'string') return opened;
  const { told, places } = opened;
  const hashes = new PieceHashes();
  await hashes.add(bytes.subarray(safetensorsHead(bytes)));
  if (toHex(await sha256OfHashes(await hashes.finish())) !== told.content) return 'truncated or damaged';
  const part = emptyPart(owner, told.adapter);
  const copy = (name: string, target: Uint8Array | Float32Array) => {
    const { begin, end } = places.get(name)!;
    new Uint8Array(target.buffer, target.byteOffset, target.byteLength).set(bytes.subarray(begin, end));
  };
  part.features.forEach((values, i) => {
    copy(`features.${i}`, values);
    part.done[i] = told.done[i]!;
  });
  copy('squares', part.squares);
  copy('thumbnails', part.thumbnails);
  copy('readable', part.readable);
  for (const [row, reason] of told.skipped) part.skipped.set(row, reason);
  return part;
}
