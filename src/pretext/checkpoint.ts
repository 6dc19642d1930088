import type { Engine, HostArray } from '../autograd/engine.ts';
import type { Tensor } from '../autograd/tensor.ts';
import { named, sentence, UserError } from '../errors.ts';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from '../formats/safetensors.ts';
import { firstUnsound } from '../numerics/finite.ts';
import type { Files } from '../platform/platform.ts';
import { unsoundTensor } from './failure.ts';

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

/** The tensors that a checkpoint is to hold, read and found sound. */
export interface SoundTensors {
  /** By name. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/**
 * Beyond it neighbouring f32 numbers lie more than 1 apart, and no step of a training that works leads there: batch norm
 * hides weights that ran away, since it divides by their size.
 */
const largestWeight = 2 ** 24;

/**
 * Reads what a checkpoint is to hold. Kernels may turn NaN into a number on the way to the loss (`max(NaN, 0)` is 0 in a
 * ReLU), so the tensors themselves are looked at.
 * @param weights names of those that an optimizer moves
 * @param saved where the latest checkpoint stands
 * @throws RunError where a number is not finite, or a weight ran away; the latest checkpoint stays
 */
export async function readSound(
  engine: Engine,
  tensors: ReadonlyMap<string, Tensor>,
  weights: ReadonlySet<string>,
  saved: Progress,
): Promise<SoundTensors> {
  const arrays = await engine.read(...tensors.values());
  const stored = new Map<string, StoredTensor>();
  [...tensors].forEach(([name, { shape }], i) => {
    stored.set(name, { dtype: 'F32', shape: [...shape], data: arrays[i] as Float32Array<ArrayBuffer> });
  });
  const data = [...stored].map(([name, tensor]) => [name, tensor.data as Float32Array] as const);
  const found = firstUnsound(data, (name) => (weights.has(name) ? largestWeight : Number.MAX_VALUE));
  if (found) throw unsoundTensor(found, saved);
  return { tensors: stored };
}

/**
 * Saves tensors and progress. `checkpoint.safetensors` holds both, so that no crash between two files can part them;
 * `checkpoint.json` repeats the progress for people.
 * @param identity what the model and its training are; a resume must match it
 */
export async function saveCheckpoint(
  platform: Files,
  folder: string,
  { tensors }: SoundTensors,
  state: { readonly identity: string; readonly progress: Progress },
): Promise<void> {
  const progress = JSON.stringify(state.progress);
  const paths = files(platform, folder);
  await platform.writeAtomic(
    paths.tensors,
    encodeSafetensors(tensors, { identity: state.identity, progress }),
  );
  await platform.writeAtomic(paths.progress, `${JSON.stringify(state.progress, null, 2)}\n`);
}

/** What to do about a checkpoint that does not fit, where no setting is at fault. */
export const otherRun = sentence`resume with the options of that run, or choose another ${named('out')}`;

/** A checkpoint whose file was found whole. */
export interface Checkpoint {
  /** The file's path, for error messages. */
  readonly path: string;
  /** All tensors that the run needs to go on. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** What the run was, as `identify` tells it; undefined where the file does not say. */
  readonly identity: string | undefined;
  /** How far the run had come. */
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
      sentence`${folder} holds no checkpoint.safetensors to resume from: leave ${named('resume')} out to start anew in an empty folder`,
    );
  }
  const { tensors, metadata } = decodeSafetensors(await platform.read(path), path);
  return { path, tensors, identity: metadata.identity, progress: parseProgress(metadata.progress, path) };
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
        sentence`${checkpoint.path}: tensor '${name}' ${found}, this model wants F32 [${tensor.shape.join(', ')}]; ${otherRun}`,
      );
    }
    writes.push([tensor, saved.data as Float32Array<ArrayBuffer>]);
  }
  for (const [tensor, data] of writes) engine.write(tensor, data);
}

function parseProgress(text: string | undefined, path: string): Progress {
  let progress: Partial<Progress> | null = null;
  try {
    progress = JSON.parse(text ?? 'null');
  } catch {
    // Not JSON: says as little as nothing does.
  }
  const { step, metricsLines, collapsedEpochs } = progress ?? {};
  if (![step, metricsLines, collapsedEpochs].every((count) => Number.isSafeInteger(count) && count! >= 0)) {
    throw new UserError(
      sentence`${path} does not say how far its run had come: choose another ${named('out')} to start anew`,
    );
  }
  return progress as Progress;
}
