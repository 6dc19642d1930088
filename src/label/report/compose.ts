import { noneOfThese, noneOfTheseText } from '../../data/labels/none_of_these.ts';
import { countOrigins } from '../../data/labels/origin.ts';
import { type Status, statuses } from '../../data/labels/status.ts';
import type { EncoderCard } from '../../encoder/encoder_card.ts';
import type { Calibration } from '../confidence/calibration.ts';
import { type ClassificationScores, classificationScores } from '../confidence/scores.ts';
import type { ImageLabel } from '../image_label.ts';
import type { Comparison } from '../methods/comparison.ts';
import type { CopiesFound } from './copies_found.ts';
import type { Estimates } from './estimates.ts';
import { listLimits } from './limits.ts';
import { promiseOf } from './promise.ts';
import type { ClassCount, MapPoint, Provenance, Report, ReportImage, Suspect } from './report.ts';
import { type WarningFacts, warningsOf } from './warnings/warnings.ts';

/** All that was found out about the images to label. Rows are the images in the order of `images`. */
export interface Findings extends WarningFacts, Estimates {
  /** One line: how many images of which parts, read from what. */
  readonly description: string;
  /** Number in the source of each row's image. */
  readonly images: Int32Array;
  /** The label of each row's image. */
  readonly labels: readonly ImageLabel[];
  /** Copies among the images. */
  readonly duplicates: CopiesFound;
  /** How unlike everything labelled each row is; larger is more so. */
  readonly unusualness: Float32Array;
  /** The encoders that were compared. */
  readonly encoders: readonly EncoderCard[];
  /** The methods' scores, and the one that labels. */
  readonly comparison: Comparison;
  /** Out-of-fold scores of the method that labels; null where labels are too few for folds. */
  readonly outOfFold: ClassificationScores | null;
  /** The fitted temperature and what it changes; null where labels are too few for folds. */
  readonly calibration: Calibration | null;
  /** Given labels that the others speak against, the most suspicious first. */
  readonly suspects: readonly Suspect[];
  /** A bounded sample of the images, laid out by their features. */
  readonly map: readonly MapPoint[];
  /** The images to label next, best first. */
  readonly next: Report['next'];
  /** The pretext run; null where the encoder was given. */
  readonly training: Report['training'];
  /** What makes the same labels again. */
  readonly provenance: Provenance;
}

/** Puts the findings in the order and the bounds of the report. */
export function composeReport(findings: Findings): Report {
  const { task, images, labels, comparison } = findings;
  const shown = (row: number): ReportImage => ({ ...labels[row]!, image: images[row]! });
  const rowsWhere = (keep: (label: ImageLabel) => boolean) =>
    [...labels.keys()].filter((row) => keep(labels[row]!));
  const counts = countStatuses(labels);
  const outliers = rowsWhere(({ status }) => status === 'outlier').sort(
    (a, b) => findings.unusualness[b]! - findings.unusualness[a]! || a - b,
  );
  const predicted = rowsWhere(({ status }) => status === 'auto' || status === 'review').sort(
    byConfidence(labels),
  );
  const predictedAs = new Map(task.classes.map((name) => [name, [] as number[]]));
  for (const row of predicted) predictedAs.get(labels[row]!.label)!.push(row);
  return {
    title: findings.description,
    warnings: warningsOf(findings, counts),
    counts,
    audit: {
      description: findings.description,
      images: images.length,
      unreadable: findings.unreadable.slice(0, listLimits.unreadable),
      unreadableCount: findings.unreadable.length,
      duplicates: findings.duplicates.duplicates.slice(0, listLimits.duplicates),
      exactDuplicates: findings.duplicates.exactDuplicates,
      nearDuplicates: findings.duplicates.nearDuplicates,
      nearGroups: findings.duplicates.nearGroups,
      scenes: findings.scenes,
      conflictCount: findings.duplicates.conflictCount,
      conflicts: findings.duplicates.conflicts.slice(0, listLimits.conflicts),
      outliers: outliers.slice(0, listLimits.outliers).map(shown),
      outlierCount: outliers.length,
    },
    classes: countClasses(labels, task.classes),
    origins: countOrigins(task.given, task.origins),
    ...countNoneOfThese(labels),
    ...(findings.unnamed && { unnamed: findings.unnamed }),
    ...(findings.encoders.length > 0 && { encoders: findings.encoders }),
    comparison: {
      heldOutFrom: comparison.rows.some(({ heldOut }) => heldOut) ? task.heldOutFrom : null,
      folds: comparison.rows.some(({ outOfFold }) => outOfFold) ? findings.folds : 0,
      rows: comparison.rows,
    },
    ...(findings.groups && { groups: findings.groups }),
    ...(findings.order && { order: findings.order }),
    ...(findings.limitedClasses.length > 0 && { limitedClasses: findings.limitedClasses }),
    ...(findings.likeness && { likeness: findings.likeness }),
    folderAccuracy: findings.folderAccuracy,
    classShares: findings.classShares,
    labelNoise: findings.labelNoise,
    outOfFold: findings.outOfFold,
    calibration: findings.calibration,
    riskCoverage: findings.riskCoverage,
    hiddenTruth: scoreHidden(findings),
    promise: promiseOf({ riskCoverage: findings.riskCoverage, auditSample: null }),
    auditSample: null,
    training: findings.training,
    map: findings.map,
    gallery: task.classes.map((name) => {
      const rows = predictedAs.get(name)!;
      const least = rows.slice(0, Math.min(listLimits.gallery, Math.floor(rows.length / 2)));
      const certain = rows.slice(least.length).slice(-listLimits.gallery).reverse();
      return { name, mostCertain: certain.map(shown), leastCertain: least.map(shown) };
    }),
    suspects: findings.suspects.slice(0, listLimits.suspects),
    suspectCount: findings.suspects.length,
    queue: reviewQueue(labels, images),
    next: findings.next,
    provenance: findings.provenance,
  };
}

/** Images of each status. */
export function countStatuses(labels: readonly ImageLabel[]): Record<Status, number> {
  const counts = Object.fromEntries(statuses.map((status) => [status, 0])) as Record<Status, number>;
  for (const { status } of labels) counts[status]++;
  return counts;
}

/** Images of each class by how they came by it. */
export function countClasses(labels: readonly ImageLabel[], classes: readonly string[]): ClassCount[] {
  const counts = new Map(classes.map((name) => [name, { name, given: 0, auto: 0, review: 0 }]));
  for (const { label, status } of labels) {
    if (label === noneOfTheseText) continue;
    if (status === 'given' || status === 'auto' || status === 'review') counts.get(label)![status]++;
  }
  return [...counts.values()];
}

/** How many images a person said belong to none of the classes, those whose label repeats such a one among them. */
export function countNoneOfThese(labels: readonly ImageLabel[]): Pick<Report, 'noneOfThese'> {
  const count = labels.reduce((sum, { label }) => sum + (label === noneOfTheseText ? 1 : 0), 0);
  return count > 0 ? { noneOfThese: count } : {};
}

/**
 * The head of the review queue, least certain first.
 * @param images number in the source of each label's image
 */
export function reviewQueue(labels: readonly ImageLabel[], images: Int32Array): ReportImage[] {
  const rows = [...labels.keys()]
    .filter((row) => labels[row]!.status === 'review')
    .sort(byConfidence(labels));
  return rows.slice(0, listLimits.queue).map((row) => ({ ...labels[row]!, image: images[row]! }));
}

const byConfidence = (labels: readonly ImageLabel[]) => (a: number, b: number) =>
  labels[a]!.confidence - labels[b]!.confidence || a - b;

/**
 * Scores predicted labels by classes that were known and hidden from everything that made them; one of an image that
 * belongs to no class is wrong.
 */
function scoreHidden({ task, images, labels }: Findings): Report['hiddenTruth'] {
  const numberOf = new Map(task.classes.map((name, number) => [name, number]));
  const truthOf = (row: number) => {
    const truth = task.truth[images[row]!]!;
    return truth === noneOfThese ? task.classes.length : truth;
  };
  const nameless = task.truth.includes(noneOfThese) ? 1 : 0;
  const score = (keep: (label: ImageLabel) => boolean) => {
    const rows = [...labels.keys()].filter((row) => keep(labels[row]!) && truthOf(row) >= 0);
    if (rows.length === 0) return null;
    const predictions = Int32Array.from(rows, (row) => numberOf.get(labels[row]!.label)!);
    return classificationScores(predictions, Int32Array.from(rows, truthOf), task.classes.length + nameless);
  };
  const all = score(({ status, label }) => status !== 'given' && label !== noneOfTheseText);
  return all && { all, auto: score(({ status }) => status === 'auto') };
}
