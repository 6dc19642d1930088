import type { UnreadableImage } from '../data/sources/image_stream.ts';
import type { Calibration } from './confidence/calibration.ts';
import type { RiskCoverage } from './confidence/risk_coverage.ts';
import { type ClassificationScores, classificationScores } from './confidence/scores.ts';
import type { ImageLabel, Status } from './image_label.ts';
import { statuses } from './image_label.ts';
import type { Comparison, Fold } from './methods/comparison.ts';
import { plainPercent } from './report/format.ts';
import type { ClassCount, DataAudit, MapPoint, Report, ReportImage, Suspect } from './report.ts';
import type { LabelTask } from './task.ts';

/** All that was found out about the images to label; `rows` of the arrays are the images in the order of `images`. */
export interface Findings {
  readonly description: string;
  readonly task: LabelTask;
  /** Number in the source of each labelled image. */
  readonly images: Int32Array;
  readonly labels: readonly ImageLabel[];
  readonly unreadable: readonly UnreadableImage[];
  /** Whether a pretext task has learned from given labels, which then check nothing. */
  readonly learnedFromLabels: boolean;
  readonly duplicates: Pick<DataAudit, 'duplicates' | 'exactDuplicates' | 'nearDuplicates' | 'conflicts'>;
  /** How unlike everything labelled each row is; larger is more so. */
  readonly unusualness: Float32Array;
  readonly comparison: Comparison;
  readonly folds: readonly Fold[];
  readonly outOfFold: ClassificationScores | null;
  readonly calibration: Calibration | null;
  readonly riskCoverage: RiskCoverage | null;
  /** Classes whose share of the labels is too far from that of the images to be weighted in full. */
  readonly limitedClasses: readonly string[];
  readonly suspects: readonly Suspect[];
  readonly map: readonly MapPoint[];
  readonly next: Report['next'];
  readonly training: Report['training'];
  readonly provenance: Report['provenance'];
}

/** Longest lists of the report; its size must not grow with the number of images. */
const most = {
  duplicates: 50,
  conflicts: 50,
  outliers: 20,
  suspects: 40,
  queue: 60,
  next: 60,
  unreadable: 100,
};
/** Pictures of a class on either side of its gallery. */
const pictures = 8;

/** Puts the findings in the order and the bounds of the report. */
export function buildReport(findings: Findings): Report {
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
  return {
    title: findings.description,
    warnings: warningsOf(findings, counts),
    counts,
    audit: {
      description: findings.description,
      images: images.length,
      unreadable: findings.unreadable.slice(0, most.unreadable),
      unreadableCount: findings.unreadable.length,
      duplicates: findings.duplicates.duplicates.slice(0, most.duplicates),
      exactDuplicates: findings.duplicates.exactDuplicates,
      nearDuplicates: findings.duplicates.nearDuplicates,
      conflicts: findings.duplicates.conflicts.slice(0, most.conflicts),
      outliers: outliers.slice(0, most.outliers).map(shown),
      outlierCount: outliers.length,
    },
    classes: countClasses(labels, task.classes),
    comparison: { heldOutFrom: task.heldOutFrom, folds: findings.folds.length, rows: comparison.rows },
    outOfFold: findings.outOfFold,
    calibration: findings.calibration,
    riskCoverage: findings.riskCoverage,
    hiddenTruth: scoreHidden(findings),
    auditSample: null,
    training: findings.training,
    map: findings.map,
    gallery: task.classes.map((name) => {
      const rows = predicted.filter((row) => labels[row]!.label === name);
      const least = rows.slice(0, Math.min(pictures, Math.floor(rows.length / 2)));
      const certain = rows.slice(least.length).slice(-pictures).reverse();
      return { name, mostCertain: certain.map(shown), leastCertain: least.map(shown) };
    }),
    suspects: findings.suspects.slice(0, most.suspects),
    suspectCount: findings.suspects.length,
    queue: reviewQueue(labels, images),
    next: findings.next.slice(0, most.next),
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
    if (status === 'given' || status === 'auto' || status === 'review') counts.get(label)![status]++;
  }
  return [...counts.values()];
}

/**
 * The head of the review queue, least certain first.
 * @param images number in the source of each label's image
 */
export function reviewQueue(labels: readonly ImageLabel[], images: Int32Array): ReportImage[] {
  const rows = [...labels.keys()]
    .filter((row) => labels[row]!.status === 'review')
    .sort(byConfidence(labels));
  return rows.slice(0, most.queue).map((row) => ({ ...labels[row]!, image: images[row]! }));
}

const byConfidence = (labels: readonly ImageLabel[]) => (a: number, b: number) =>
  labels[a]!.confidence - labels[b]!.confidence || a - b;

/** Scores predicted labels by classes that were known and hidden from everything that made them. */
function scoreHidden({ task, images, labels }: Findings): Report['hiddenTruth'] {
  const numberOf = new Map(task.classes.map((name, number) => [name, number]));
  const score = (keep: (label: ImageLabel) => boolean) => {
    const rows = [...labels.keys()].filter((row) => keep(labels[row]!) && task.truth[images[row]!]! >= 0);
    if (rows.length === 0) return null;
    const predictions = Int32Array.from(rows, (row) => numberOf.get(labels[row]!.label)!);
    const truth = Int32Array.from(rows, (row) => task.truth[images[row]!]!);
    return classificationScores(predictions, truth, task.classes.length);
  };
  const all = score(({ status }) => status !== 'given');
  return all && { all, auto: score(({ status }) => status === 'auto') };
}

/** Stands until a checked sample has come back. */
export const auditWarning =
  'The promised error rests on the given labels standing for the rest of the images. Check the random sample in audit.csv and give it back (label --audit): then the bound rests on the automatic labels themselves.';

/** What a person must know before trusting the labels, most important first. */
function warningsOf(findings: Findings, counts: Record<Status, number>): string[] {
  const { task, riskCoverage, folds, duplicates, unreadable } = findings;
  const given = task.classes.map((_, number) => task.given.filter((label) => label === number).length);
  const few = task.classes.filter((_, number) => given[number]! > 0 && given[number]! < 5);
  const none = task.classes.filter((_, number) => given[number] === 0);
  const warnings: string[] = [];
  if (findings.learnedFromLabels) {
    warnings.push(
      'The pretext task has learned from the given labels, so they cannot check what it predicts: no confidence is calibrated and nothing was labelled automatically. A run of --method simclr can promise an error.',
    );
  } else if (folds.length === 0) {
    warnings.push(
      'There are too few labels to check predictions against: no confidence is calibrated and nothing was labelled automatically. Give at least two labels for each of two classes.',
    );
  } else if (riskCoverage && !riskCoverage.chosen) {
    warnings.push(
      `No threshold keeps the error of automatic labels under ${plainPercent(riskCoverage.target)} with 95% confidence, so nothing was labelled automatically. More labels, a better encoder or a larger --target-error would change that.`,
    );
  }
  if (none.length > 0)
    warnings.push(`No image is labelled ${listed(none)}: such images cannot be recognised.`);
  if (few.length > 0)
    warnings.push(`Fewer than five labels: ${listed(few)}. Their figures are little more than guesses.`);
  if (findings.limitedClasses.length > 0) {
    warnings.push(
      `Shares among the labels lie more than four-fold from those among the predictions: ${listed(findings.limitedClasses)}. The promised error does not make up for that in full: label such classes more evenly, or rely on audit.csv.`,
    );
  }
  if (duplicates.conflicts.length > 0) {
    warnings.push(
      `${duplicates.conflicts.length} groups of copies carry different given labels: see part 1.`,
    );
  }
  if (counts.auto > 0) {
    warnings.push(auditWarning);
  }
  if (unreadable.length > 0)
    warnings.push(`${unreadable.length} images could not be read and have no label.`);
  return warnings;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 10).map((name) => `'${name}'`);
  return names.length > 10 ? `${shown.join(', ')} and ${names.length - 10} more` : shown.join(', ');
}
