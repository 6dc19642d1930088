import { isAnswered, noneOfThese } from '../data/labels/none_of_these.ts';
import type { LabelOrigin } from '../data/labels/origin.ts';
import { headLogits } from '../numerics/linear_head.ts';
import { assess, chosenRows, type OutOfFold, promiseError, sharesOf } from './confidence/assessment.ts';
import { calibratedProbabilities } from './confidence/calibration.ts';
import type { ClassShares } from './confidence/class_shares.ts';
import { classWeights } from './confidence/class_weights.ts';
import { folderAccuracy } from './confidence/folder_accuracy.ts';
import { findLabelNoise } from './confidence/label_noise.ts';
import { spreadLabels } from './confidence/spread_labels.ts';
import { decide } from './decide.ts';
import { type Evidence, gatherEvidence } from './evidence.ts';
import { defaultRandomShare, nextImages } from './findings/acquisition.ts';
import { findOutliers } from './findings/outliers.ts';
import { countGroups, nameGroups } from './groups/describe_groups.ts';
import type { ImageLabel } from './image_label.ts';
import type { LabellingInputs } from './inputs.ts';
import { labelSeed } from './label_seed.ts';
import type { Comparison } from './methods/comparison.ts';
import type { LabellingModel } from './methods/method.ts';
import { findNewGroups } from './novelty/new_groups.ts';
import { findNovelty, type Novelty } from './novelty/novelty.ts';
import { judgeUnnamed, predictedClasses } from './novelty/verdict.ts';
import { composeReport } from './report/compose.ts';
import { describeCopies, describeMap, describeSuspects } from './report/describe.ts';
import { type Estimates, nameNoise, nameShares } from './report/estimates.ts';
import type { Report } from './report/report.ts';
import { describeUnnamed } from './report/unnamed.ts';
import { rowsOf } from './scan/features.ts';
import { checkingLabels, checks, isRandomSample, labelledSet } from './task.ts';

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
  const { images, base, own, duplicates, groups, comparison } = evidence;
  const { groupOf, inheritsFrom, contradicted } = duplicates;
  const classes = task.classes.length;
  const given = images.map((image) => task.given[image]!);
  const paths = Array.from(images, (image) => stream.paths[image]!);
  const features = rowsOf(own, images);
  const { columns } = own;

  const known = labelledSet(task.given).labels;
  const { images: labelledRows } = labelledSet(given);
  const checking =
    comparison.logits &&
    chosenRows(
      {
        logits: comparison.logits,
        labels: known.map((label, i) => (contradicted[labelledRows[i]!] ? -1 : label)),
      },
      labelledRows.map((row) => groups[images[row]!]!),
      checkingLabels(task),
    );
  const seed = labelSeed(stream.paths, task.given, task.classes);
  const outOfFold =
    checking && checking.groups.length > 0 ? assess(checking.rows, checking.groups, classes) : null;
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
    seed,
  };
  const novelty = unusual ? findNovelty(unusual) : null;
  novelty?.novel.forEach((novel, row) => void (outlier[row]! |= novel));
  const unlike = novelty?.unusual ?? new Uint8Array(given.length);
  const held = contradicted.map((value, row) => (value || (unlike[row] && !outlier[row]) ? 1 : 0));
  const open = asked.filter((row) => !outlier[row]);
  const nameless = rows.filter((row) => given[row] === noneOfThese && checks(task, images[row]!));
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
      openGroups: open.map((row) => observed[row]!),
      seed,
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

  onStage('wrong labels');
  const labelNoise =
    outOfFold &&
    findLabelNoise(
      spreadLabels({
        features,
        columns,
        given: given.map((label, row) => (contradicted[row] ? -1 : label)),
        classes,
        groups: observed,
        seed,
      }),
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
    ...estimatesOf(outOfFold, promised?.shares ?? null, { ...comparison, refused }, task.classes, seed),
    labelNoise: labelNoise && nameNoise(labelNoise, task.classes),
    limitedClasses: promised?.limited.map((label) => task.classes[label]!) ?? [],
    suspects: checked
      ? describeSuspects({ probabilities: checked, rows: labelledRows, labels: known }, duplicates, named)
      : [],
    map: map ? describeMap(features, columns, labels, images, settings.seed) : [],
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
    novelty,
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
