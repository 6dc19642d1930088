import type { LabelOrigin } from '../data/labels/origin.ts';
import { type OutOfFold, promiseError, sharesOf } from './confidence/assessment.ts';
import type { ClassShares } from './confidence/class_shares.ts';
import { classWeights } from './confidence/class_weights.ts';
import { folderAccuracy } from './confidence/folder_accuracy.ts';
import { decide } from './decide.ts';
import { type Evidence, gatherEvidence } from './evidence.ts';
import { defaultRandomShare, nextImages } from './findings/acquisition.ts';
import { countGroups, nameGroups } from './groups/describe_groups.ts';
import { observationsOfClasses } from './groups/few_labels.ts';
import type { ImageLabel } from './image_label.ts';
import type { LabellingInputs } from './inputs.ts';
import type { Comparison } from './methods/comparison.ts';
import type { LabellingModel } from './methods/method.ts';
import { findNewGroups } from './novelty/new_groups.ts';
import type { Novelty } from './novelty/novelty.ts';
import { judgeUnnamed } from './novelty/verdict.ts';
import { composeReport } from './report/compose.ts';
import { describeCopies, describeMap, describeSuspects } from './report/describe.ts';
import { type Estimates, nameNoise, nameShares } from './report/estimates.ts';
import type { Report } from './report/report.ts';
import { describeUnnamed } from './report/unnamed.ts';
import { rowsOf } from './scan/features.ts';
import { isRandomSample } from './task.ts';

/** A label for every image, and what it rests on. */
export interface LabellingResult {
  /** A label for every image that can be read. */
  readonly labels: readonly ImageLabel[];
  /** How labelled images came to be labelled, by their path; the person's own choice where it is absent. */
  readonly origins: ReadonlyMap<string, LabelOrigin>;
  /** Name of the method that labels. */
  readonly method: string;
  /** The model of the method that labels: its head, and the encoder that this stands on. */
  readonly model: LabellingModel;
  /** The model's logits are divided by this before the softmax. */
  readonly temperature: number;
  /** How unlike the labelled ones the images are, row by row of `labels`; null where labels are too few to tell. */
  readonly novelty: Novelty | null;
  /** What report.json holds. */
  readonly report: Report;
}

/**
 * Labels the images: compares the methods on the given labels, lets the best out of fold label, calibrates its
 * confidence, sets the threshold that keeps the target error, finds copies, outliers and doubtful given labels, and
 * says what to label next.
 * @throws UserError where fewer than two classes have a readable labelled image, or no method can label
 */
export async function labelImages(inputs: LabellingInputs): Promise<LabellingResult> {
  return labelByEvidence(inputs, await gatherEvidence(inputs));
}

/** Decides by what was found out (see `labelImages`): for the same images again, at another target error. */
export function labelByEvidence(inputs: LabellingInputs, evidence: Evidence): LabellingResult {
  const { stream, task, settings, onStage } = inputs;
  const { images, base, own, duplicates, groups, comparison, prediction } = evidence;
  const { outOfFold, temperature, probabilities, outlier, novelty, held, open, seed } = prediction;
  const { inheritsFrom } = duplicates;
  const classes = task.classes.length;
  const given = images.map((image) => task.given[image]!);
  const paths = Array.from(images, (image) => stream.paths[image]!);
  const observed = images.map((image) => groups[image]!);
  const { nameless, nearest, shares } = prediction;
  const refused = comparison.order?.dependent === true || evidence.likeness?.apart === true;
  const promised =
    outOfFold &&
    promiseError(outOfFold, probabilities, open, classes, {
      target: settings.targetError,
      candidates: comparison.candidates,
      nameless: { rows: nameless, groups: nameless.map((row) => observed[row]!) },
      held,
      refused,
      sampled: isRandomSample(task),
      shares,
    });
  const unnamed =
    novelty && promised
      ? judgeUnnamed(novelty.found, observed, novelty.predictions, open, promised.risk)
      : null;
  const risk = unnamed?.risk ?? promised?.risk ?? null;
  const labels = nameGroups(
    decide({
      paths,
      classes: task.classes,
      given,
      probabilities,
      inheritsFrom,
      held,
      outlier,
      nearest,
      threshold: risk?.chosen?.threshold ?? null,
    }),
    images,
    groups,
    inputs.groups,
  );

  onStage('what to label next');
  const next = nextImages({
    features: rowsOf(base, images),
    columns: base.columns,
    given,
    classes: task.classes,
    probabilities,
    copyOf: inheritsFrom,
    observations: observed,
    outlier,
    budget: settings.budget,
    randomShare: settings.randomShare ?? defaultRandomShare,
    seed: settings.seed,
    drawSeed: seed,
  });
  const { map = true } = settings;
  if (map) onStage('map of the embedding');
  const named = { images, paths, classes: task.classes };
  const featureFiles = inputs.starts.flatMap(({ origin }) => origin.file ?? []);
  const report = composeReport({
    description: stream.description,
    task,
    images,
    labels,
    unreadable: evidence.census.unreadable,
    learnedFromLabels: comparison.learnedFromLabels,
    duplicates: describeCopies(duplicates, named),
    scenes: evidence.scenes,
    unusualness: prediction.unusualness,
    encoders: inputs.starts.flatMap(({ origin }) => origin.card ?? []),
    comparison,
    folds: evidence.folds.length,
    observations: observationsOfClasses(task.given, groups, classes),
    order: comparison.order,
    likeness: evidence.likeness,
    groups: inputs.groups ? countGroups(task.given, groups, inputs.groups, classes) : null,
    outOfFold: outOfFold?.scores ?? null,
    calibration: outOfFold?.calibration ?? null,
    riskCoverage: risk,
    unnamed:
      novelty && unnamed
        ? describeUnnamed(novelty.found, findNewGroups(novelty.inputs, novelty.found), unnamed, {
            images,
            labels,
            open: novelty.inputs.open,
          })
        : null,
    ...estimatesOf(outOfFold, shares, { ...comparison, refused }, task.classes, seed),
    labelNoise: prediction.labelNoise && nameNoise(prediction.labelNoise, task.classes),
    limitedClasses: promised?.limited.map((label) => task.classes[label]!) ?? [],
    suspects: prediction.checked
      ? describeSuspects(
          {
            probabilities: prediction.checked,
            rows: prediction.labelledRows,
            labels: prediction.labelledRows.map((row) => given[row]!),
          },
          duplicates,
          named,
        )
      : [],
    map: map ? describeMap(rowsOf(own, images), own.columns, labels, images, settings.seed) : [],
    next: next.map((proposal) => ({
      ...proposal,
      image: images[proposal.image]!,
      path: paths[proposal.image]!,
    })),
    training: inputs.training,
    provenance: {
      ...inputs.provenance,
      fingerprint: evidence.census.fingerprint,
      ...(featureFiles.length > 0 && { featureFiles }),
    },
  });
  const origins = new Map(
    Array.from(task.origins ?? [], ([image, origin]) => [stream.paths[image]!, origin] as const),
  );
  return {
    labels,
    origins,
    method: comparison.chosen,
    model: comparison.model,
    temperature,
    novelty: novelty?.found ?? null,
    report,
  };
}

/** What the out-of-fold predictions say of the images without a label. */
function estimatesOf(
  outOfFold: OutOfFold | null,
  shares: ClassShares | null,
  { tried, refused }: Pick<Comparison, 'tried'> & { readonly refused: boolean },
  classes: readonly string[],
  seed: number,
): Omit<Estimates, 'labelNoise'> {
  if (!outOfFold) return { folderAccuracy: null, classShares: null };
  const { groups } = outOfFold;
  const { labels } = outOfFold.rows;
  const counts = sharesOf(groups);
  return {
    folderAccuracy:
      shares && !refused
        ? folderAccuracy({
            shares,
            tried,
            groups,
            weights: classWeights(labels, shares.mean, counts).weights,
            seed,
          })
        : null,
    classShares: shares && nameShares(shares, classes),
  };
}
