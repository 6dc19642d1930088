import { largestIndex } from '../numerics/linear_algebra.ts';
import { buildReport, type Findings } from './build_report.ts';
import { calibrate, calibratedProbabilities } from './confidence/calibration.ts';
import { classWeights } from './confidence/class_weights.ts';
import { distinctRows } from './confidence/distinct_rows.ts';
import { type RiskCoverage, riskCoverage } from './confidence/risk_coverage.ts';
import { classificationScores } from './confidence/scores.ts';
import { decide, topTwo } from './decide.ts';
import type { Duplicates } from './findings/duplicates.ts';
import { embeddingMap, mapSample } from './findings/embedding_map.ts';
import { nextImages } from './findings/next.ts';
import { findOutliers } from './findings/outliers.ts';
import { findSuspects } from './findings/suspects.ts';
import type { ImageLabel } from './image_label.ts';
import type { Labelled, LabellingInputs } from './labelling.ts';
import type { Comparison, Fold } from './methods/comparison.ts';
import { headLogits, rowsOf } from './methods/methods.ts';
import type { MapPoint, Suspect } from './report.ts';
import type { Scan } from './scan.ts';
import { labelledSet } from './task.ts';

/** What was found before any label was decided. Rows are the images to label, in the order of `images`. */
export interface Reading {
  /** Numbers of the images to label. */
  readonly images: Int32Array;
  /** Features of the first start, and of the encoder that labels. */
  readonly base: Scan;
  readonly own: Scan;
  readonly duplicates: Duplicates;
  readonly folds: readonly Fold[];
  readonly comparison: Comparison;
}

/** From the chosen model to labels, and all that the report tells about them. */
export function conclude(inputs: LabellingInputs, reading: Reading): Labelled {
  const { stream, task, settings, onStage } = inputs;
  const { images, base, own, duplicates, folds, comparison } = reading;
  const classes = task.classes.length;
  const given = images.map((image) => task.given[image]!);
  const features = rowsOf(own, images);
  const { columns } = own;
  const paths = Array.from(images, (image) => stream.paths[image]!);

  const known = labelledSet(task.given).labels;
  const { images: labelledRows } = labelledSet(given);
  const groups = labelledRows.map((row) => duplicates.groupOf[row]!);
  const distinct = comparison.logits && distinctRows({ logits: comparison.logits, labels: known }, groups);
  const calibration = distinct && calibrate(distinct.logits, distinct.labels, classes);
  const temperature = calibration?.temperature ?? 1;
  const checked = comparison.logits && calibratedProbabilities(comparison.logits, classes, temperature);
  const logits = headLogits(comparison.model.head, features);
  const probabilities = calibratedProbabilities(logits, classes, temperature);

  onStage('outliers and nearest labelled images');
  const { outlier, score, nearest } = findOutliers({
    features,
    columns,
    given,
    groupOf: duplicates.groupOf,
  });
  const open = Int32Array.from(images.keys()).filter(
    (row) => given[row]! < 0 && duplicates.groupOf[row] === row && !outlier[row],
  );
  const promised =
    distinct &&
    promise(
      calibratedProbabilities(distinct.logits, classes, temperature),
      distinct.labels,
      probabilities,
      open,
      classes,
      { target: settings.targetError, candidates: comparison.candidates },
    );
  const labels = decide({
    paths,
    classes: task.classes,
    given,
    probabilities,
    copyOf: duplicates.groupOf,
    exactCopy: duplicates.exact,
    outlier,
    nearest,
    threshold: promised?.risk.chosen?.threshold ?? null,
  });

  onStage('what to label next');
  const next = nextImages({
    features: rowsOf(base, images),
    columns: base.columns,
    given,
    classes: task.classes,
    probabilities,
    groupOf: duplicates.groupOf,
    outlier,
    budget: settings.budget,
    seed: settings.seed,
  });
  onStage('map of the embedding');
  const report = buildReport({
    description: stream.description,
    task,
    images,
    labels,
    unreadable: base.unreadable,
    learnedFromLabels: inputs.starts.some(({ learnedFromLabels }) => learnedFromLabels === true),
    duplicates: describeCopies(duplicates, paths, task.classes),
    unusualness: score,
    comparison,
    folds,
    outOfFold: checked && classificationScores(predictions(checked, classes), known, classes),
    calibration,
    riskCoverage: promised?.risk ?? null,
    limitedClasses: promised?.limited.map((label) => task.classes[label]!) ?? [],
    suspects: checked ? describeSuspects(checked, labelledRows, known, paths, reading, task.classes) : [],
    map: mapOf(features, columns, labels, images, settings.seed),
    next: next.map(({ image, reason }) => ({ image: images[image]!, path: paths[image]!, reason })),
    training: inputs.training,
    provenance: inputs.provenance,
  });
  return { labels, method: comparison.chosen, model: comparison.model, temperature, report };
}

/** Which confidence keeps the target error, by the out-of-fold predictions of the given labels. */
function promise(
  checked: Float32Array,
  known: Int32Array,
  probabilities: Float32Array,
  open: Int32Array,
  classes: number,
  { target, candidates }: { target: number; candidates: number },
): { risk: RiskCoverage; limited: readonly number[] } {
  const likeliest = predictions(checked, classes);
  const rest = open.map((row) => topTwo(probabilities, row, classes).first);
  const { weights, limited } = classWeights(known, rest, classes);
  const risk = riskCoverage(
    {
      confidence: Float32Array.from(likeliest, (label, row) => checked[row * classes + label]!),
      correct: Uint8Array.from(likeliest, (label, row) => (label === known[row] ? 1 : 0)),
      weights,
    },
    Float32Array.from(open, (row) => topTwo(probabilities, row, classes).confidence),
    { target, candidates },
  );
  return { risk, limited };
}

/** The likeliest class of each row, the first of equals. */
function predictions(probabilities: Float32Array, classes: number): Int32Array {
  return Int32Array.from({ length: probabilities.length / classes }, (_, row) =>
    largestIndex(probabilities.subarray(row * classes, (row + 1) * classes)),
  );
}

/** Groups of copies by the paths of their images, and the given labels that contradict each other. */
function describeCopies(
  { groups, exactDuplicates, nearDuplicates, conflicts }: Duplicates,
  paths: readonly string[],
  classes: readonly string[],
): Findings['duplicates'] {
  const named = (rows: Int32Array) => Array.from(rows, (row) => paths[row]!);
  return {
    duplicates: groups.map(({ kind, images }) => ({ kind, paths: named(images) })),
    exactDuplicates,
    nearDuplicates,
    conflicts: conflicts.map(({ images, labels }) => ({
      paths: named(images),
      labels: Array.from(labels, (label) => classes[label]!),
    })),
  };
}

/** Given labels that the others speak against. Rows with a label are in the order of the out-of-fold predictions. */
function describeSuspects(
  probabilities: Float32Array,
  rows: Int32Array,
  labels: Int32Array,
  paths: readonly string[],
  { images, duplicates }: Reading,
  classes: readonly string[],
): Suspect[] {
  const found = findSuspects({
    images: rows,
    labels,
    probabilities,
    classes: classes.length,
    conflicts: duplicates.conflicts,
  });
  return found.map(({ image: row, given: number, suggested, givenProbability, suggestedProbability }) => ({
    image: images[row]!,
    path: paths[row]!,
    given: classes[number]!,
    suggested: classes[suggested]!,
    givenProbability,
    suggestedProbability,
  }));
}

/** A bounded sample of the images, laid out in two dimensions. */
function mapOf(
  features: Float32Array,
  columns: number,
  labels: readonly ImageLabel[],
  images: Int32Array,
  seed: number,
): MapPoint[] {
  const rows = mapSample(labels.length, seed);
  const points = embeddingMap(features, columns, rows, seed);
  return points.map(({ x, y }, i) => {
    const row = rows[i]!;
    const { label, status, path, confidence } = labels[row]!;
    return { image: images[row]!, x, y, label, status, path, confidence };
  });
}
