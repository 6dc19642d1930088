import * as v from 'valibot';
import { platform } from '#platform';
import { type NamedImages, type PathLabel, readGivenRows } from '../data/labels/labels.ts';
import { readWeights } from '../encoder/read_weights.ts';
import { UserError } from '../errors.ts';
import type { Start } from '../label/methods/method_table.ts';
import type { Report } from '../label/report.ts';
import { defaultMethod, pretextMethods } from '../pretext/registry.ts';
import { epochsOf, trainingRecord } from '../pretext/training_record.ts';

/** What later commands need of a run's config.json. */
const storedRun = v.object({
  options: v.looseObject({
    data: v.string(),
    seed: v.number(),
    labels: v.optional(v.string()),
    labelsPerClass: v.optional(v.number()),
    limit: v.optional(v.number()),
    testLimit: v.optional(v.number()),
  }),
  /** What sizes followed from. */
  speed: v.optional(v.object({ flops: v.number(), bandwidth: v.number() })),
  /** Most images in memory for training, and most that score, where the adapter set a limit. */
  limits: v.optional(v.object({ pool: v.optional(v.number()), heldOut: v.optional(v.number()) }), {}),
  settings: v.looseObject({
    method: v.optional(v.string(), defaultMethod),
    batch: v.number(),
    imageSize: v.number(),
    encoder: v.object({
      depth: v.picklist([18, 34]),
      width: v.number(),
      stem: v.picklist(['cifar', 'imagenet']),
    }),
  }),
});

export type StoredRun = v.InferOutput<typeof storedRun>;

/** Reads what a run was made of. @throws UserError where the folder holds no run */
export async function readStoredRun(folder: string): Promise<StoredRun> {
  const { files } = platform;
  const path = files.join(folder, 'config.json');
  if ((await files.stat(path))?.kind !== 'file') {
    throw new UserError(`--run ${folder} holds no config.json: name the folder of an earlier run`);
  }
  const text = new TextDecoder().decode(await files.read(path));
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), storedRun), text);
  if (parsed.success) return parsed.output;
  throw new UserError(`${path} is damaged or of another version: name the folder of another run`);
}

/** How a run's encoder was trained, from its config.json and its metrics.jsonl; null where it has no epochs. */
export async function readTraining(folder: string): Promise<Report['training']> {
  const { files } = platform;
  const path = files.join(folder, 'metrics.jsonl');
  if ((await files.stat(path))?.kind !== 'file') return null;
  const epochs = epochsOf(new TextDecoder().decode(await files.read(path)));
  if (epochs.length === 0) return null;
  const { settings } = await readStoredRun(folder);
  return trainingRecord(settings, epochs);
}

/** The pretext encoder of a run. @throws UserError where the run has none */
export async function readPretext(folder: string): Promise<Start> {
  const { files } = platform;
  for (const name of ['pretext.safetensors', 'encoder.safetensors']) {
    const path = files.join(folder, name);
    if ((await files.stat(path))?.kind !== 'file') continue;
    const weights = readWeights(await files.read(path), path);
    const method = Object.values(pretextMethods).find((known) => known.name === weights.metadata.method);
    return {
      ...weights,
      name: method?.title ?? 'encoder',
      learnedFromLabels: method?.learnsFromLabels === true,
    };
  }
  throw new UserError(`--run ${folder} holds no encoder: let its pretext run end first, with --resume`);
}

/** The labels that people gave to a run's images; undefined where it has labelled none. */
export async function readGiven(
  folder: string,
  images: NamedImages,
): Promise<readonly PathLabel[] | undefined> {
  if (!(await hasGiven(folder))) return undefined;
  const { files } = platform;
  const path = files.join(folder, 'given.csv');
  const advice =
    'let --data name all images that the run had, and more if you like, or start anew with train';
  return readGivenRows(new TextDecoder().decode(await files.read(path)), images, { file: path, advice }).rows;
}

/** Whether people's labels were saved with a run; they then stand for those that it was started with. */
export async function hasGiven(folder: string): Promise<boolean> {
  return (await platform.files.stat(platform.files.join(folder, 'given.csv')))?.kind === 'file';
}

/** Reads `--weights`. @throws UserError where the file is no ResNet that can be read */
export async function readGivenWeights(path: string): Promise<Start> {
  if ((await platform.files.stat(path))?.kind !== 'file') {
    throw new UserError(`--weights ${path} is no file: give ResNet-18 or ResNet-34 weights as safetensors`);
  }
  return { name: 'given weights', ...readWeights(await platform.files.read(path), path) };
}
