import type { Ranks } from '../autograd/ranks.ts';
import { sameNormalisation } from '../encoder/recipe.ts';
import { named, type Sentence, sentence, UserError } from '../errors.ts';
import { PieceHashes, sha256OfHashes, shortDigest, toHex } from '../formats/digest.ts';
import { pixelScale } from '../ops/augment.ts';
import { type Checkpoint, otherRun } from './checkpoint.ts';
import type { ChosenMethod, EncoderTensors, PretrainData, PretrainOptions } from './options.ts';

// An identity is the JSON text of what must be equal for a resumed run to go on as if it had not stopped: the settings by
// their names in options, and what tells the images and labels apart. Its keys may come in any order.

/**
 * The identity of a run. What is as if it had not been given is left out: a chunk of the whole batch, full precision,
 * pixels at their usual scale, weights that are drawn from the seed.
 * @param run.batch images of a step
 * @param run.start what the encoder's tensors begin as, where that is given
 * @param run.norm whose rows batch norm takes its statistics of, among ranks
 */
export async function identify(
  data: PretrainData,
  options: PretrainOptions,
  { method, settings }: ChosenMethod,
  {
    batch,
    start,
    norm = 'global',
  }: {
    readonly batch: number;
    readonly start?: EncoderTensors | undefined;
    readonly norm?: Ranks['norm'];
  },
): Promise<string> {
  const { encoder, imageSize, policy, optimizer, seed, epochs, learningRate, warmupEpochs } = options;
  const { precision = 'f32', chunk = batch, normalise = pixelScale } = options;
  return JSON.stringify({
    images: data.images.length,
    sourceSize: data.size,
    method: method.name,
    encoder,
    imageSize,
    batch: options.batch,
    ...(chunk !== batch && { chunk }),
    ...(norm !== 'global' && { bn: norm }),
    epochs,
    policy,
    ...(!sameNormalisation(normalise, pixelScale) && { normalise }),
    ...(start && { start: await tensorsDigest(start) }),
    optimizer,
    learningRate,
    ...(precision !== 'f32' && { precision }),
    warmupEpochs,
    seed,
    ...settings,
    ...(method.learnsFromLabels && {
      labels: await labelsDigest(data.images.map((image) => data.labels[image]!)),
    }),
  });
}

/** A short text that other tensors, or tensors of other names, do not have. */
async function tensorsDigest(tensors: EncoderTensors): Promise<string> {
  const hashes = new PieceHashes();
  for (const [name, { buffer, byteOffset, byteLength }] of tensors) {
    await hashes.add(new TextEncoder().encode(`${name} ${byteLength}\n`));
    await hashes.add(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return toHex((await sha256OfHashes(await hashes.finish())).subarray(0, 8));
}

/** A short text that other labels do not have. @param labels one class an image, −1 unknown */
function labelsDigest(labels: Int32Array): Promise<string> {
  const words = new DataView(new ArrayBuffer(4 * labels.length));
  labels.forEach((label, i) => {
    words.setInt32(4 * i, label, true);
  });
  return shortDigest(new Uint8Array(words.buffer));
}

/**
 * Holds a checkpoint against the run that is to go on from it.
 * @param unrelated keys that say nothing to this run, such as settings of other methods
 * @throws UserError where the checkpoint belongs to another model or training than `identity`
 */
export function requireSameTraining(
  { path, identity: saved }: Checkpoint,
  identity: string,
  unrelated: ReadonlySet<string> = new Set(),
): void {
  if (saved === identity) return;
  const difference = firstDifference(saved, identity, unrelated);
  if (difference) throw new UserError(sentence`${path} is of another model or training: ${difference}`);
}

/** Facts that no setting says alone, and settings that stand elsewhere in an identity than under their own name. */
const settingAt: ReadonlyMap<string, string | undefined> = new Map([
  ['images', undefined],
  ['sourceSize', undefined],
  ['labels', undefined],
  ['normalise', undefined],
  ['start', 'pretextFrom'],
  ['optimizer.name', 'optimizer'],
  ['method', 'pretext'],
  ['warmupEpochs', 'warmup'],
]);

/** The setting that a fact follows from: of the encoder's and the optimizer's the one of that name. */
const settingOf = (fact: string): string | undefined =>
  settingAt.has(fact) ? settingAt.get(fact) : fact.replace(/^(?:encoder|optimizer)\./, '');

/** The first fact by which two identities differ, in words, and what to do. */
function firstDifference(
  saved: string | undefined,
  wanted: string,
  unrelated: ReadonlySet<string>,
): Sentence | undefined {
  let before: ReadonlyMap<string, unknown>;
  let now: ReadonlyMap<string, unknown>;
  try {
    [before, now] = [factsOf(saved ?? '{}'), factsOf(wanted)];
  } catch {
    // Not JSON: of another program.
    return sentence`its description does not match; ${otherRun}`;
  }
  // Sizes of the encoder follow from what it starts from.
  const keys = ['start', ...before.keys(), ...now.keys()].filter((key) => !unrelated.has(key));
  const key = keys.find((name) => textOf(before.get(name)) !== textOf(now.get(name)));
  if (key === undefined) return undefined;
  if (key === 'start' && before.has(key))
    return sentence`its encoder started from other weights; resume with the ${named('pretextFrom')} of that run, or choose another ${named('out')}`;
  const setting = settingOf(key);
  const [was, is] = [before, now].map((facts) => textOf(facts.get(key)) ?? 'not given') as [string, string];
  return sentence`${setting ?? key} was ${was}, now ${is}; ${setting ? adviceFor(setting, before.get(key)) : otherRun}`;
}

function adviceFor(setting: string, value: unknown): Sentence {
  if (value === undefined)
    return sentence`resume without ${named(setting)}, or choose another ${named('out')}`;
  const text = Array.isArray(value) ? value.join('-') : typeof value === 'string' ? value : textOf(value)!;
  return sentence`resume with ${named(setting, text)}, or choose another ${named('out')}`;
}

/** The facts of an identity: those of the encoder and the optimizer each on its own, as `encoder.width`. */
function factsOf(identity: string): ReadonlyMap<string, unknown> {
  const facts = new Map<string, unknown>();
  for (const [key, value] of Object.entries(JSON.parse(identity) as Record<string, unknown>)) {
    if ((key !== 'encoder' && key !== 'optimizer') || typeof value !== 'object' || value === null) {
      facts.set(key, value);
      continue;
    }
    for (const [inner, fact] of Object.entries(value)) facts.set(`${key}.${inner}`, fact);
  }
  return facts;
}

/** JSON that is the same for objects whose keys differ in order alone. */
const textOf = (value: unknown): string | undefined => JSON.stringify(value, inOrder);

function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
