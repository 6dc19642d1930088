import { curveAccuracy, curveDifference } from '../../label/compare/estimates.ts';
import type { CurvePoint, EncoderComparison, LabelCurve } from '../../label/compare/result.ts';
import { architectureOf } from '../../nn/family_registry.ts';
import { methodBatches } from '../../pretext/method_batches.ts';
import { methodNamed } from '../../pretext/registry.ts';
import { pretextData } from '../jobs/pretext_task.ts';
import type { JobContext } from '../reporter.ts';
import { readTraining } from '../run/read_run.ts';
import { type ComparedEntry, isPretext } from './entries.ts';
import type { ComparedImages } from './open_comparison.ts';
import type { ComparisonPlan } from './plan_file.ts';
import { labelsAt, type Point } from './points.ts';
import type { How } from './score_compared.ts';
import type { ScoreLog } from './score_log.ts';
import { type ComparedTraining, methodFolder, optionsWithin } from './train_compared.ts';

/** What a comparison found, and what it is told from. */
export interface Found extends ComparedTraining {
  readonly started: ComparisonPlan;
  readonly log: ScoreLog;
  readonly entries: readonly ComparedEntry[];
}

/** Puts the scores together: curves with their intervals, and differences to the reference. */
export async function composeComparison(context: JobContext, found: Found): Promise<EncoderComparison> {
  const { images, settings, started, log, entries } = found;
  const { task, plan, stream, fingerprint } = images;
  const { title: network, featureSize } = architectureOf(plan.encoder);
  const reference = referenceOf(entries, log);
  const data = pretextData(images);
  const encoders = [];
  for (const entry of entries) {
    const { name, title, learnsFromLabels } = entry;
    const trained = isPretext(name) ? optionsWithin(found, name, started.epochs[name]) : undefined;
    const steps = trained && methodBatches(methodNamed(trained.method), data, trained);
    const training = trained
      ? await readTraining(context.files, methodFolder(context, found.folder, name))
      : null;
    encoders.push({
      name,
      title,
      training,
      learnsFromLabels,
      budget:
        trained && steps
          ? { epochs: trained.epochs, images: trained.epochs * steps.stepsPerEpoch * steps.size }
          : null,
      stopped: log.reasonOf(name) ?? null,
      curves: curvesOf(entry, reference, images, log),
    });
  }
  const { minutes } = settings;
  return {
    title: stream.description,
    network: `${network} with ${featureSize} features`,
    imageSize: plan.imageSize,
    images: data.images.length,
    heldOut: { images: task.heldOut.length, from: task.heldOutFrom ?? '' },
    classes: task.classes,
    draws: settings.draws,
    budget:
      minutes === undefined
        ? { of: 'images', amount: imagesOf(found, data.images.length) }
        : { of: 'minutes', amount: minutes },
    reference: reference?.name ?? null,
    encoders,
    provenance: {
      command: started.command,
      seed: settings.seed,
      versions: started.versions,
      adapter: started.adapter,
      fingerprint,
    },
  };
}

/** Images of the budget, as whole epochs. */
function imagesOf(found: Found, images: number): number {
  const [first] = found.entries.flatMap(({ name }) => (isPretext(name) ? [name] : []));
  return first === undefined ? 0 : optionsWithin(found, first).epochs * images;
}

/** SimCLR where it was scored, else the first of the others that was and has not seen the labels. */
function referenceOf(entries: readonly ComparedEntry[], log: ScoreLog): ComparedEntry | undefined {
  return entries.find(
    ({ name, learnsFromLabels }) => isPretext(name) && !learnsFromLabels && log.reasonOf(name) === undefined,
  );
}

/** What of the reference a curve is held against: the like of it, for a network the one that is trained whole. */
function againstOf(how: How, { hows }: ComparedEntry): How | undefined {
  if (hows.includes(how)) return how;
  return (['finetune', 'probe', 'knn'] as const).find((other) => hows.includes(other));
}

function curvesOf(
  { name, hows, points }: ComparedEntry,
  reference: ComparedEntry | undefined,
  { task }: ComparedImages,
  log: ScoreLog,
): LabelCurve[] {
  return hows.flatMap((how) => {
    const against = reference && reference.name !== name ? againstOf(how, reference) : undefined;
    const scored = points.flatMap((perClass: Point): CurvePoint[] => {
      const own = log.drawsOf({ method: name, how, perClass });
      const accuracy = curveAccuracy(own);
      if (!accuracy) return [];
      const other =
        reference && against ? log.drawsOf({ method: reference.name, how: against, perClass }) : [];
      const difference = other.length === own.length ? curveDifference(own, other) : null;
      return [{ perClass, labels: labelsAt(task, perClass), accuracy, difference }];
    });
    return scored.length > 0 ? [{ how, against: against ?? null, points: scored }] : [];
  });
}
