import { isAnswered, noneOfThese } from '../data/labels/none_of_these.ts';
import { headLogits } from '../numerics/linear_head.ts';
import { assess, promiseError } from './confidence/assessment.ts';
import { calibratedProbabilities } from './confidence/calibration.ts';
import { decide } from './decide.ts';
import { type Evidence, gatherEvidence } from './evidence.ts';
import { nextImages } from './findings/acquisition.ts';
import { findOutliers } from './findings/outliers.ts';
import { countGroups, nameGroups } from './groups/describe_groups.ts';
import type { ImageLabel } from './image_label.ts';
import type { LabellingInputs } from './inputs.ts';
import { labelSeed } from './label_seed.ts';
import type { LabellingModel } from './methods/method.ts';
import { findNewGroups } from './novelty/new_groups.ts';
import { findNovelty, type Novelty } from './novelty/novelty.ts';
import { judgeUnnamed, predictedClasses } from './novelty/verdict.ts';
import { composeReport } from './report/compose.ts';
import { describeCopies, describeMap, describeSuspects } from './report/describe.ts';
import type { Report } from './report/report.ts';
import { describeUnnamed } from './report/unnamed.ts';
import { rowsOf } from './scan/features.ts';
import { labelledSet } from './task.ts';

/** A label for every image, and what it rests on. */
export interface LabellingResult {
  /** A label for every image that can be read. */
  readonly labels: readonly ImageLabel[];
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
  const { images, base, own, duplicates, groups, comparison } = evidence;
  const { groupOf, inheritsFrom, contradicted } = duplicates;
  const classes = task.classes.length;
  const given = images.map((image) => task.given[image]!);
  const paths = Array.from(images, (image) => stream.paths[image]!);
  const features = rowsOf(own, images);
  const { columns } = own;

  const known = labelledSet(task.given).labels;
  const { images: labelledRows } = labelledSet(given);
  const outOfFold =
    comparison.logits &&
    assess(
      {
        logits: comparison.logits,
        labels: known.map((label, i) => (contradicted[labelledRows[i]!] ? -1 : label)),
      },
      labelledRows.map((row) => groups[images[row]!]!),
      classes,
    );
  const temperature = outOfFold?.calibration.temperature ?? 1;
  const logits = headLogits(comparison.model.head, features);
  const probabilities = calibratedProbabilities(logits, classes, temperature);

  onStage('outliers and nearest labelled images');
  const { outlier, score, nearest } = findOutliers({ features, columns, given, groupOf });
  const rows = Int32Array.from(images.keys());
  const observed = images.map((image) => groups[image]!);
  const asked = rows.filter(
    (row) => !isAnswered(given[row]!) && inheritsFrom[row] === row && !contradicted[row],
  );
  const checked = comparison.logits && calibratedProbabilities(comparison.logits, classes, temperature);
  const predictions = checked && { probabilities, labelled: labelledRows, checked, classes };
  const unusual = predictions && {
    ...{ features, columns, given, classes, groups: observed, open: asked },
    predicted: predictedClasses(predictions),
    seed: labelSeed(stream.paths, task.given, task.classes),
  };
  const novelty = unusual ? findNovelty(unusual) : null;
  novelty?.novel.forEach((novel, row) => void (outlier[row]! |= novel));
  const unlike = novelty?.unusual ?? new Uint8Array(given.length);
  const held = contradicted.map((value, row) => (value || (unlike[row] && !outlier[row]) ? 1 : 0));
  const open = asked.filter((row) => !outlier[row]);
  const nameless = rows.filter((row) => given[row] === noneOfThese);
  const promised =
    outOfFold &&
    promiseError(outOfFold, probabilities, open, classes, {
      target: settings.targetError,
      candidates: comparison.candidates,
      nameless: { rows: nameless, groups: nameless.map((row) => observed[row]!) },
      held,
      refused: comparison.order?.dependent === true || evidence.likeness?.apart === true,
    });
  const unnamed =
    novelty && promised && predictions
      ? judgeUnnamed(novelty, observed, predictions, open, promised.risk)
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
    seed: settings.seed,
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
    unusualness: score,
    encoders: inputs.starts.flatMap(({ origin }) => origin.card ?? []),
    comparison,
    folds: evidence.folds.length,
    order: comparison.order,
    likeness: evidence.likeness,
    groups: inputs.groups ? countGroups(task.given, groups, inputs.groups, classes) : null,
    outOfFold: outOfFold?.scores ?? null,
    calibration: outOfFold?.calibration ?? null,
    riskCoverage: risk,
    unnamed:
      novelty && unusual && unnamed
        ? describeUnnamed(novelty, findNewGroups(unusual, novelty), unnamed, { images, labels, open: asked })
        : null,
    limitedClasses: promised?.limited.map((label) => task.classes[label]!) ?? [],
    suspects: outOfFold
      ? describeSuspects(
          { probabilities: outOfFold.probabilities, rows: labelledRows, labels: known },
          duplicates,
          named,
        )
      : [],
    map: map ? describeMap(features, columns, labels, images, settings.seed) : [],
    next: next.map(({ image, reason }) => ({ image: images[image]!, path: paths[image]!, reason })),
    training: inputs.training,
    provenance: {
      ...inputs.provenance,
      fingerprint: evidence.census.fingerprint,
      ...(featureFiles.length > 0 && { featureFiles }),
    },
  });
  return { labels, method: comparison.chosen, model: comparison.model, temperature, novelty, report };
}
