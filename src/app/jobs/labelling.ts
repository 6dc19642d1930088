import { noneOfThese, noneOfTheseText } from '../../data/labels/none_of_these.ts';
import type { AugmentationPolicy } from '../../data/policy.ts';
import { named, sentence, UserError } from '../../errors.ts';
import { adapterName } from '../../gpu/device.ts';
import { keepFilled } from '../../label/files/keep_filled.ts';
import { writeRunFiles } from '../../label/files/run_files.ts';
import type { LabellingMethodName } from '../../label/methods/method_registry.ts';
import { labelImages } from '../../label/pipeline.ts';
import { counted } from '../../label/report/format.ts';
import type { Report } from '../../label/report/report.ts';
import { hasEncoder } from '../../label/scan/features.ts';
import type { Start } from '../../label/scan/start.ts';
import { type LabelTask, labelledSet } from '../../label/task.ts';
import type { EncoderOptions } from '../../nn/family_registry.ts';
import type { OpenedImages } from '../inputs/open_images.ts';
import type { AdapterSpeed } from '../plan/adapter_speed.ts';
import { readFineTuning } from '../plan/fine_tuning.ts';
import { type LabellingFacts, networkBatch, planLabelling } from '../plan/labelling_plan.ts';
import type { JobContext } from '../reporter.ts';
import { changeConfig } from '../run/config.ts';
import { writing } from '../run/folder.ts';
import type { LabellingSettings } from '../settings/common.ts';
import type { LabelledRun } from './outcome.ts';
import { StageClock } from './stage_clock.ts';

/** What the downstream part of a job starts from. */
export interface LabellingSession extends OpenedImages {
  /** The run's folder, into which the files go. */
  readonly folder: string;
  /** What downstream methods start from; the first also finds duplicates and images to label next. */
  readonly starts: readonly [Start, ...Start[]];
  /** The network of the baselines. */
  readonly encoder: EncoderOptions;
  /** Side of what networks see, in pixels. */
  readonly imageSize: number;
  /** The pretext task's augmentation. */
  readonly policy: AugmentationPolicy;
  /** The adapter's measured speed, from which sizes follow that the user leaves open. */
  readonly speed: AdapterSpeed;
  /** Seeds folds and trainings. */
  readonly seed: number;
  /** What the trainings on labels may take where the user does not say; the plan's own by default. */
  readonly effort?: Pick<LabellingFacts, 'patience' | 'mostSteps'>;
  /** The pretext run; null where the encoder was given. */
  readonly training: Report['training'];
  /** Whether labels.parquet is written too. */
  readonly parquet?: boolean | undefined;
  /** Makes the run's folder ready, once there is something to put into it. */
  readonly beforeWriting?: () => Promise<void>;
}

/** What is to be learned from, and on what it is scored, in a line. */
export function describeTask({ given, classes, heldOut, heldOutFrom }: LabelTask): string {
  const scored = heldOutFrom ? `, scored on ${heldOut.length} ${heldOutFrom}` : '';
  const none = given.reduce((sum, label) => sum + (label === noneOfThese ? 1 : 0), 0);
  const nameless = none > 0 ? `, ${counted(none, 'image')} of ${noneOfTheseText}` : '';
  return `task: ${labelledSet(given).images.length} labels in ${classes.length} classes${nameless}${scored}`;
}

/** Methods with an encoder and a classifier of their own; the others are there to compare with. */
const canLabel: readonly LabellingMethodName[] = ['probe', 'finetune', 'selftrain', 'supervised'];

/** @throws UserError where none of the methods that are asked for could label, or one is asked for what there is not */
export function requireLabellingMethod(settings: LabellingSettings): void {
  const { methods } = settings;
  readFineTuning(settings);
  if (!methods || methods.some((name) => canLabel.includes(name))) return;
  throw new UserError(
    sentence`none of ${named('methods', methods.join(','))} can label: add one of ${canLabel.join(', ')}`,
  );
}

/**
 * Labels the images and writes the run's files; undefined where it was aborted, with nothing written.
 * @throws UserError where too few images are labelled, or nothing can be written
 */
export async function labelAndSave(
  context: JobContext,
  settings: LabellingSettings,
  session: LabellingSession,
): Promise<LabelledRun | undefined> {
  const { engine, stream, task, encoder, imageSize, speed, seed, folder } = session;
  const { files, reporter, command, versions } = context;
  const { signal } = reporter;
  const { capabilities } = engine.gpu;
  const labelled = labelledSet(task.given).images.length;
  const plan = planLabelling(settings, {
    labelled,
    heldOut: task.heldOut.length,
    scratch: { encoder, imageSize },
    starts: session.starts.flatMap(({ origin }) =>
      hasEncoder(origin)
        ? [{ encoder: origin.encoder.architecture, imageSize: origin.recipe.imageSize }]
        : [],
    ),
    ...session.effort,
    speed,
    capabilities,
  });
  if (plan.omitted.length > 0 && !settings.methods) {
    reporter.note(
      sentence`left out for want of time on this adapter: ${plan.omitted.join(', ')} (${named('methods')} runs them)`,
    );
  }
  if (plan.steps < plan.wantedSteps) {
    reporter.note(
      sentence`shortened for want of time: trainings on labels, to ${plan.steps} of ${plan.wantedSteps} steps (${named('steps')} sets them)`,
    );
  }
  const clock = new StageClock();
  let result: Awaited<ReturnType<typeof labelImages>>;
  try {
    result = await labelImages({
      ...session,
      networks: {
        engine,
        pool: session.pool,
        architecture: encoder,
        imageSize,
        policy: session.policy,
        batch: networkBatch,
        steps: plan.steps,
        heldOutOnly: plan.networksHeldOutOnly,
        fineTuning: readFineTuning(settings),
      },
      settings: {
        methods: plan.methods,
        folds: plan.folds,
        targetError: settings.targetError,
        budget: settings.budget,
        randomShare: settings.randomShare,
        seed,
      },
      provenance: {
        command,
        seed,
        versions,
        adapter: adapterName(capabilities),
      },
      onStage: (stage, done, total, pace) => {
        signal.throwIfAborted();
        clock.at(stage);
        reporter.progress({
          stage,
          ...(done !== undefined && { done }),
          ...(total !== undefined && { total }),
          ...pace,
        });
      },
    });
  } catch (error) {
    if (signal.aborted && error === signal.reason) return undefined;
    throw error;
  }
  const costs = clock.finish();
  const written = await writing(folder, async () => {
    await session.beforeWriting?.();
    const filled = await keepFilled({ files, folder });
    for (const kept of filled) reporter.note(`kept in ${folder}: ${kept}, with what was filled in`);
    const auditFilled = filled.some((name) => name.startsWith('audit.'));
    const { classes } = task;
    const { auditSize, randomShare } = settings;
    const { encoders } = result.report;
    if (encoders) await changeConfig(context, folder, folder, () => ({ encoders: [...encoders] }));
    return writeRunFiles({ files, folder }, stream, result, {
      classes,
      auditSize,
      randomShare,
      auditFilled,
      parquet: session.parquet,
    });
  });
  return { interrupted: false, folder, files: written, report: result.report, costs };
}
