import type { Engine, HostArray } from '../autograd/engine.ts';
import type { Tensor } from '../autograd/tensor.ts';
import { UserError } from '../errors.ts';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from '../formats/safetensors.ts';
import type { Files } from '../platform/platform.ts';

/** Where a run stands. The host's random numbers are functions of seed and step, so these numbers say all. */
export interface Progress {
  /** Steps done. */
  readonly step: number;
  /** Lines that metrics.jsonl had then. */
  readonly metricsLines: number;
  /** Epochs in a row whose features were collapsed. */
  readonly collapsedEpochs: number;
}

const files = (platform: Files, folder: string) => ({
  tensors: platform.join(folder, 'checkpoint.safetensors'),
  progress: platform.join(folder, 'checkpoint.json'),
});

/**
 * Saves tensors and progress. `checkpoint.safetensors` holds both, so that no crash between two files can part them;
 * `checkpoint.json` repeats the progress for people.
 * @param identity what the model and its training are; a resume must match it
 */
export async function saveCheckpoint(
  engine: Engine,
  platform: Files,
  folder: string,
  tensors: ReadonlyMap<string, Tensor>,
  state: { readonly identity: string; readonly progress: Progress },
): Promise<void> {
  const arrays = await engine.read(...tensors.values());
  const stored = new Map<string, StoredTensor>();
  [...tensors].forEach(([name, { shape }], i) => {
    stored.set(name, { dtype: 'F32', shape: [...shape], data: arrays[i] as Float32Array<ArrayBuffer> });
  });
  const progress = JSON.stringify(state.progress);
  const paths = files(platform, folder);
  await platform.writeAtomic(
    paths.tensors,
    encodeSafetensors(stored, { identity: state.identity, progress }),
  );
  await platform.writeAtomic(paths.progress, `${JSON.stringify(state.progress, null, 2)}\n`);
}

/** A checkpoint whose file was found whole. */
export interface Checkpoint {
  readonly path: string;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly identity: string | undefined;
  readonly progress: Progress;
}

/**
 * Reads what `saveCheckpoint` saved.
 * @throws UserError where there is no checkpoint or it is damaged
 */
export async function readCheckpoint(platform: Files, folder: string): Promise<Checkpoint> {
  const path = files(platform, folder).tensors;
  if (!(await platform.stat(path))) {
    throw new UserError(
      `${folder} holds no checkpoint.safetensors to resume from: leave --resume out to start anew in an empty folder`,
    );
  }
  const { tensors, metadata } = decodeSafetensors(await platform.read(path), path);
  return { path, tensors, identity: metadata.identity, progress: parseProgress(metadata.progress, path) };
}

/** @throws UserError where the checkpoint belongs to another model or training than `identity` */
export function requireSameTraining({ path, identity: saved }: Checkpoint, identity: string): void {
  if (saved === identity) return;
  const difference = firstDifference(saved, identity);
  if (difference) throw new UserError(`${path} is of another model or training: ${difference}`);
}

/**
 * Writes a checkpoint's tensors to the device.
 * @throws UserError, before any is written, where one is missing or has another shape
 */
export function restoreTensors(
  engine: Engine,
  checkpoint: Checkpoint,
  tensors: ReadonlyMap<string, Tensor>,
): void {
  const writes: [Tensor, HostArray][] = [];
  for (const [name, tensor] of tensors) {
    const saved = checkpoint.tensors.get(name);
    if (saved?.dtype !== 'F32' || saved.shape.join() !== tensor.shape.join()) {
      const found = saved ? `is ${saved.dtype} [${saved.shape.join(', ')}]` : 'is missing';
      throw new UserError(
        `${checkpoint.path}: tensor '${name}' ${found}, this model wants F32 [${tensor.shape.join(', ')}]; ${advice}`,
      );
    }
    writes.push([tensor, saved.data as Float32Array<ArrayBuffer>]);
  }
  for (const [tensor, data] of writes) engine.write(tensor, data);
}

const advice = 'resume with the options of that run, or choose another --out';

function parseProgress(text: string | undefined, path: string): Progress {
  let progress: Partial<Progress> | null = null;
  try {
    progress = JSON.parse(text ?? 'null');
  } catch {
    // Not JSON: says as little as nothing does.
  }
  const { step, metricsLines, collapsedEpochs } = progress ?? {};
  if (![step, metricsLines, collapsedEpochs].every((count) => Number.isSafeInteger(count) && count! >= 0)) {
    throw new UserError(`${path} does not say how far its run had come: choose another --out to start anew`);
  }
  return progress as Progress;
}

/** A short text that other labels do not have, for an identity. @param labels one class an image, −1 unknown */
export async function labelsDigest(labels: Int32Array): Promise<string> {
  const words = new DataView(new ArrayBuffer(4 * labels.length));
  labels.forEach((label, i) => {
    words.setInt32(4 * i, label, true);
  });
  const digest = await crypto.subtle.digest('SHA-256', words.buffer);
  return Array.from(new Uint8Array(digest, 0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Command-line options of one value, by what they are called in an identity. */
const optionNames: Readonly<Record<string, string>> = {
  method: '--method',
  imageSize: '--image-size',
  batch: '--batch',
  chunk: '--chunk',
  epochs: '--epochs',
  temperature: '--temperature',
  learningRate: '--learning-rate',
  precision: '--precision',
  warmupEpochs: '--warmup',
  seed: '--seed',
};

/** The first setting by which two identities (JSON objects, of keys in any order) differ, in words, and what to do. */
function firstDifference(saved: string | undefined, wanted: string): string | undefined {
  let a: Record<string, unknown>;
  let b: Record<string, unknown>;
  try {
    [a, b] = [JSON.parse(saved ?? '{}'), JSON.parse(wanted)];
  } catch {
    // Not JSON: of another program.
    return `its description does not match; ${advice}`;
  }
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  const key = keys.find((name) => JSON.stringify(a[name], inOrder) !== JSON.stringify(b[name], inOrder));
  if (key === undefined) return undefined;
  const say = (value: unknown) => (value === undefined ? 'not given' : JSON.stringify(value));
  const option = optionNames[key];
  const remedy = a[key] === undefined ? `without ${option}` : `with ${option} ${a[key]}`;
  const advised = option ? `resume ${remedy}, or choose another --out` : advice;
  return `${key} was ${say(a[key])}, now ${say(b[key])}; ${advised}`;
}

/** Lets `JSON.stringify` write the same text for objects whose keys differ in order alone. */
function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
