import type { Engine } from '../../autograd/engine.ts';
import type { Weights } from '../../encoder/encoder_weights.ts';
import { readWeights } from '../../encoder/encoder_weights.ts';
import { MemoryError, RunError } from '../../errors.ts';
import { adapterName } from '../../gpu/device.ts';
import type { PretrainOptions } from '../../pretext/options.ts';
import { pretrain } from '../../pretext/pretrain.ts';
import { type MethodName, methodNamed } from '../../pretext/registry.ts';
import type { PretextStart } from '../inputs/pretext_start.ts';
import {
  describePretext,
  pretextData,
  pretextOptions,
  pretextRun,
  pretextWeights,
} from '../jobs/pretext_task.ts';
import { adapterSpeed } from '../plan/speed_cache.ts';
import type { JobContext } from '../reporter.ts';
import { writeConfig } from '../run/config.ts';
import { pretextSettings } from '../settings/common.ts';
import { type ComparedSettings, comparedSettings } from '../settings/compare.ts';
import { dataSettings } from '../settings/data.ts';
import { keptSettings } from '../settings/jobs.ts';
import { resolveSettings } from '../settings/resolve.ts';
import { measurePace } from './measure_pace.ts';
import type { ComparedImages } from './open_comparison.ts';

/** What trains the compared encoders. */
export interface ComparedTraining {
  /** The device. */
  readonly engine: Engine;
  /** The images, dealt out. */
  readonly images: ComparedImages;
  /** The comparison's settings. */
  readonly settings: ComparedSettings;
  /** What all methods go on from, where that is no chance. */
  readonly start?: PretextStart | undefined;
  /** The comparison's folder. */
  readonly folder: string;
}

/** How the training of one encoder ended. */
export type TrainedOutcome =
  | { readonly ended: 'trained'; readonly options: PretrainOptions }
  | { readonly ended: 'interrupted' }
  | { readonly ended: 'stopped'; readonly error: RunError };

/**
 * The pretext task of a method within the budget.
 * @param epochs of a method whose pace was measured; by default as the budget in images says
 */
export function optionsWithin(
  { engine, images: { task, pool, plan }, settings, start }: ComparedTraining,
  method: MethodName,
  epochs?: number,
): PretrainOptions {
  const data = pretextData({ pool, task });
  const { budget } = settings;
  const ofBudget =
    budget === undefined ? settings.epochs : Math.max(1, Math.round(budget / data.images.length));
  const wanted = { ...settings, epochs: epochs ?? ofBudget };
  return pretextOptions({ engine, settings: wanted, plan, start }, method, data);
}

/** Epochs that a method has time for, by its own pace on this machine. */
export async function epochsWithin(
  context: JobContext,
  training: ComparedTraining,
  method: MethodName,
  minutes: number,
): Promise<number> {
  const { engine, images } = training;
  const { title } = methodNamed(method);
  const data = pretextData(images);
  context.reporter.progress({ stage: `${title}: its pace` });
  const secondsAnEpoch = await measurePace(engine, data, optionsWithin(training, method, 1));
  return Math.max(1, Math.floor((60 * minutes) / secondsAnEpoch));
}

/** Where a method's run lies. */
export const methodFolder = ({ files }: JobContext, folder: string, method: string): string =>
  files.join(folder, method);

/**
 * Trains a method's encoder in a run's folder of its own, or goes on with it: config.json, metrics.jsonl, a checkpoint an
 * epoch and encoder.safetensors. A training that collapses or diverges is given up, with what it saved.
 */
export async function trainCompared(
  context: JobContext,
  training: ComparedTraining,
  method: MethodName,
  epochs?: number,
): Promise<TrainedOutcome> {
  const { files, reporter } = context;
  const { engine, images } = training;
  const folder = methodFolder(context, training.folder, method);
  const data = pretextData(images);
  const options = optionsWithin(training, method, epochs);
  if (await isFile(context, folder, 'encoder.safetensors')) return { ended: 'trained', options };
  const resume = await isFile(context, folder, 'checkpoint.safetensors');
  reporter.note(describePretext(data.images.length, options));
  if (!resume) {
    await files.makeFolder(folder);
    await beginRun(context, training, folder, options);
  }
  const session = { keepKernels: async () => {}, resume, start: training.start, pool: images.pool };
  try {
    const run = pretextRun(context, session, folder, options);
    const { pretext, extract, interrupted } = await pretrain(engine, data, options, run);
    const encoder = interrupted ? undefined : await pretextWeights(pretext, options);
    extract.destroy();
    pretext.destroy();
    if (!encoder) return { ended: 'interrupted' };
    await files.writeAtomic(files.join(folder, 'encoder.safetensors'), encoder);
    return { ended: 'trained', options };
  } catch (error) {
    if (!(error instanceof RunError) || error instanceof MemoryError) throw error;
    return { ended: 'stopped', error };
  }
}

/** The trained encoder of a method. */
export async function readCompared(context: JobContext, folder: string, method: string): Promise<Weights> {
  const path = context.files.join(methodFolder(context, folder, method), 'encoder.safetensors');
  return readWeights(await context.files.read(path), path);
}

async function isFile(context: JobContext, folder: string, name: string): Promise<boolean> {
  return (await context.files.stat(context.files.join(folder, name)))?.kind === 'file';
}

/** Writes the config.json of a method's run, so that other commands can take it. */
async function beginRun(
  context: JobContext,
  { engine, images, settings, start }: ComparedTraining,
  folder: string,
  options: PretrainOptions,
): Promise<void> {
  const { stream, fingerprint, plan } = images;
  const own = Object.keys({ ...dataSettings, ...pretextSettings }).filter((name) => name in comparedSettings);
  const given = Object.fromEntries(own.map((name) => [name, settings[name as keyof ComparedSettings]]));
  const pretext = options.method as MethodName;
  await writeConfig(context, folder, {
    options: {
      ...resolveSettings(keptSettings, { ...given, pretext, epochs: options.epochs, minutes: undefined }),
      ...(stream.range !== undefined && { range: stream.range }),
    },
    settings: options,
    adapter: adapterName(engine.gpu.capabilities),
    speed: await adapterSpeed(engine, context.reporter),
    limits: { pool: plan.limit, heldOut: plan.testLimit },
    data: {
      description: stream.description,
      fingerprint,
      unreadable: [...stream.unreadable],
      keepsLabelled: true,
    },
    ...(start?.origin && { hub: { pretextFrom: start.origin } }),
  });
}
