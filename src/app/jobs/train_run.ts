import { readWeights } from '../../encoder/encoder_weights.ts';
import { named, sentence, UserError } from '../../errors.ts';
import { encoderOrigin, encoderStart } from '../../label/scan/encoder_scan.ts';
import { pretrain } from '../../pretext/pretrain.ts';
import { defaultMethod, pretextMethods } from '../../pretext/registry.ts';
import { requireLabels } from '../inputs/known_labels.ts';
import type { JobContext } from '../reporter.ts';
import { type NamedWeights, readGivenWeights, readTraining } from '../run/read_run.ts';
import type { KeptSettings, TrainSettings } from '../settings/jobs.ts';
import { describeTask, labelAndSave, requireLabellingMethod } from './labelling.ts';
import type { Interrupted, LabelledRun } from './outcome.ts';
import { describePretext, pretextData, pretextOptions, pretextRun, pretextWeights } from './pretext_task.ts';
import { type TrainingSession, withTraining } from './training_session.ts';

/**
 * The main job, end to end: a pretext task on all images, downstream methods on the few labels, a label for every other
 * image and the report. An abort saves a checkpoint, from which `resume` goes on.
 * @throws UserError for input that is wrong, with nothing written; Error where training diverges or collapses
 */
export async function trainRun(
  settings: TrainSettings,
  context: JobContext,
): Promise<LabelledRun | Interrupted> {
  let given: readonly NamedWeights[] = [];
  const check = async (resolved: KeptSettings) => {
    requireLabels(resolved);
    requireLabellingMethod(resolved);
    requireOneDraw(resolved);
    const { weights } = resolved;
    given = weights === undefined ? [] : [await readGivenWeights(context.files, weights)];
  };
  return withTraining(context, settings, { labels: true, check }, (session) =>
    trainAndLabel(session, context, given),
  );
}

/** @throws UserError for several draws of labels where the method has learned from one of them */
function requireOneDraw({ method, draws }: KeptSettings): void {
  if (draws === 1 || !pretextMethods[method].learnsFromLabels) return;
  throw new UserError(
    sentence`${named('method', method)} learns from one draw of labels, so ${named('draws')} cannot compare others: leave ${named('draws')} out, or take ${named('method', defaultMethod)}`,
  );
}

async function trainAndLabel(
  session: TrainingSession,
  context: JobContext,
  given: readonly NamedWeights[],
): Promise<LabelledRun | Interrupted> {
  const { engine, settings, plan } = session;
  const { files, reporter } = context;
  const { method } = settings;
  const data = pretextData(session);
  const options = pretextOptions(session, data);
  reporter.note(describeTask(session.task));
  reporter.note(describePretext(data.images.length, options));
  const folder = await session.begin(options);
  reporter.stoppable('saving a checkpoint');
  const run = pretextRun(context, session, folder, options);
  const { pretext, extract, interrupted, step } = await pretrain(engine, data, options, run);
  if (interrupted) return { interrupted, folder, step };
  const path = files.join(folder, 'pretext.safetensors');
  const encoder = await pretextWeights(pretext, options);
  await files.writeAtomic(path, encoder);
  // Their memory serves the downstream methods.
  extract.destroy();
  pretext.destroy();
  const { imageSize } = options;
  const { title, learnsFromLabels } = pretextMethods[method];
  const start = encoderStart(
    engine,
    encoderOrigin(title, readWeights(encoder, path), imageSize),
    learnsFromLabels,
  );
  const others = given.map((known) => encoderStart(engine, encoderOrigin(known.name, known, imageSize)));
  const labelled = await labelAndSave(context, settings, {
    ...session,
    folder,
    starts: [start, ...others],
    encoder: plan.encoder,
    imageSize,
    policy: options.policy,
    seed: settings.seed,
    training: await readTraining(files, folder),
  });
  return labelled ?? { interrupted: true, folder, step };
}
