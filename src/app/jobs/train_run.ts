import { readWeights } from '../../encoder/encoder_weights.ts';
import { named, sentence, UserError } from '../../errors.ts';
import { encoderOrigin, encoderStart } from '../../label/scan/encoder_scan.ts';
import type { Start } from '../../label/scan/start.ts';
import type { PretrainData, PretrainOptions } from '../../pretext/options.ts';
import { pretrain } from '../../pretext/pretrain.ts';
import { defaultMethod, type MethodName, pretextMethods } from '../../pretext/registry.ts';
import {
  type GivenStarts,
  givenStarts,
  originsOf,
  readGivenStarts,
  requireStart,
} from '../inputs/given_starts.ts';
import { sourceKind } from '../inputs/image_source_kind.ts';
import { requireLabels } from '../inputs/known_labels.ts';
import { demoPlan } from '../plan/demo_plan.ts';
import { networkOptions } from '../plan/training_plan.ts';
import type { JobContext } from '../reporter.ts';
import type { RunConfig } from '../run/config.ts';
import { pretextName, readTraining } from '../run/read_run.ts';
import type { KeptSettings, TrainSettings } from '../settings/jobs.ts';
import { describeTask, labelAndSave, requireLabellingMethod } from './labelling.ts';
import type { Interrupted, LabelledRun } from './outcome.ts';
import { describePretext, pretextData, pretextOptions, pretextRun, pretextWeights } from './pretext_task.ts';
import { type StageCost, trainingStage } from './stage_clock.ts';
import { type TrainingSession, withTraining } from './training_session.ts';

/**
 * The main job, end to end: a pretext task on all images, downstream methods on the few labels, from its encoder and
 * from those that are given, a label for every other image and the report. An abort saves a checkpoint, from which
 * `resume` goes on.
 * @throws UserError for input that is wrong, with nothing written; Error where training diverges or collapses
 */
export async function trainRun(
  settings: TrainSettings,
  context: JobContext,
): Promise<LabelledRun | Interrupted> {
  let given: GivenStarts = { encoders: [] };
  const check = async (resolved: KeptSettings, _: string, started: RunConfig | undefined) => {
    requireLabels(resolved);
    requireLabellingMethod(resolved);
    requireOneDraw(resolved);
    const reach = { download: settings.download, recorded: started?.hub };
    given = await readGivenStarts(context, resolved, reach);
    requireStart(given, resolved.pretext !== 'none');
    return originsOf(given, resolved);
  };
  return withTraining(context, settings, { labels: true, check }, (session) =>
    trainAndLabel(session, context, given),
  );
}

/** @throws UserError for several draws of labels where the method has learned from one of them */
function requireOneDraw({ pretext, draws }: KeptSettings): void {
  if (draws === 1 || pretext === 'none' || !pretextMethods[pretext].learnsFromLabels) return;
  throw new UserError(
    sentence`${named('pretext', pretext)} learns from one draw of labels, so ${named('draws')} cannot compare others: leave ${named('draws')} out, or take ${named('pretext', defaultMethod)}`,
  );
}

async function trainAndLabel(
  session: TrainingSession,
  context: JobContext,
  given: GivenStarts,
): Promise<LabelledRun | Interrupted> {
  const { settings, plan } = session;
  const { files, reporter } = context;
  reporter.note(describeTask(session.task));
  const network = networkOptions(settings, plan);
  // Before the folder is there: settings or features that do not fit the images are refused with nothing written.
  const task = settings.pretext === 'none' ? undefined : pretextTask(session, settings.pretext);
  const known = await givenStarts(context, given, session, settings);
  const begun = task ? await trainPretext(session, context, task) : await beginAlone(session, context);
  if ('interrupted' in begun) return begun;
  const { folder, start } = begun;
  const { atHand = (made: Start) => made } = context;
  const starts = [...known, ...(start ? [start] : [])].map(atHand);
  const labelled = await labelAndSave(context, settings, {
    ...session,
    ...network,
    folder,
    starts: starts as [Start, ...Start[]],
    ...(sourceKind(settings.data) === 'demo' && { effort: demoPlan.effort }),
    training: await readTraining(files, folder),
  });
  if (labelled) return { ...labelled, costs: [...begun.costs, ...labelled.costs] };
  return { interrupted: true, folder, ...(begun.step !== undefined && { step: begun.step }) };
}

/** A run's folder, with what its pretext task gave where it has one. */
interface Begun {
  readonly folder: string;
  readonly start?: Start;
  /** The last step of the pretext task. */
  readonly step?: number;
  /** What the pretext task took, where there is one. */
  readonly costs: readonly StageCost[];
}

/** Makes the folder of a run without a pretext task. */
async function beginAlone(
  { settings, plan, begin }: TrainingSession,
  { reporter }: JobContext,
): Promise<Begun> {
  const folder = await begin(networkOptions(settings, plan));
  reporter.stoppable('nothing but its config.json is written');
  return { folder, costs: [] };
}

interface PretextTask {
  readonly method: MethodName;
  readonly data: PretrainData;
  readonly options: PretrainOptions;
}

/** @throws UserError where settings do not fit the images or each other */
function pretextTask(session: TrainingSession, method: MethodName): PretextTask {
  const data = pretextData(session);
  return { method, data, options: pretextOptions(session, method, data) };
}

async function trainPretext(
  session: TrainingSession,
  context: JobContext,
  { method, data, options }: PretextTask,
): Promise<Begun | Interrupted> {
  const { engine } = session;
  const { files, reporter } = context;
  reporter.note(describePretext(data.images.length, options));
  const folder = await session.begin(options);
  reporter.stoppable('saving a checkpoint');
  const run = pretextRun(context, session, folder, options);
  const began = performance.now();
  const { pretext, extract, interrupted, step } = await pretrain(engine, data, options, run);
  if (interrupted) return { interrupted, folder, step };
  const seconds = (performance.now() - began) / 1e3;
  const path = files.join(folder, 'pretext.safetensors');
  const encoder = await pretextWeights(pretext, options);
  await files.writeAtomic(path, encoder);
  // Their memory serves the downstream methods.
  extract.destroy();
  pretext.destroy();
  const { learnsFromLabels } = pretextMethods[method];
  const weights = readWeights(encoder, path);
  const name = pretextName(weights);
  const origin = encoderOrigin(name, weights, options.imageSize);
  const costs = [{ name: trainingStage(name), seconds }];
  return { folder, step, costs, start: encoderStart(engine, origin, learnsFromLabels) };
}
