import { readTable } from '../../data/labels/csv.ts';
import { GivenColumns } from '../../data/labels/given_columns.ts';
import { readLabel } from '../../data/labels/none_of_these.ts';
import { PathMatcher } from '../../data/labels/path_matching.ts';
import { PathReader } from '../../data/labels/path_reader.ts';
import { isGivenStatus, type Status, statuses } from '../../data/labels/status.ts';
import { UserError } from '../../errors.ts';
import { binomialBound } from '../../numerics/binomial_bound.ts';
import type { ImageLabel } from '../image_label.ts';
import { type ConfidenceReliability, confidenceReliability } from './calibration.ts';
import { type ClassificationScores, classificationScores } from './scores.ts';
import { acceptedByThreshold } from './threshold_rule.ts';

/** What accepting all labels of at least some confidence would have meant. */
export interface KnownRisk {
  /** Least confidence accepted. */
  readonly threshold: number;
  /** Share of the rows that are accepted. */
  readonly coverage: number;
  /** Rows of at least that confidence. */
  readonly accepted: number;
  /** Accepted rows that are wrong. */
  readonly errors: number;
  /** Share of the accepted rows that are wrong. */
  readonly error: number;
  /** One-sided 95% upper bound of the error (Clopper & Pearson 1934), were these rows a sample of more. */
  readonly bound: number;
}

/** A run's predicted labels against the truth. */
export interface Evaluation {
  /** Classes of the scores, by their number: those of the labels and of the truth, sorted. */
  readonly classes: readonly string[];
  /** Rows left out because a person gave their label. */
  readonly given: number;
  /** Rows left out because no truth is known of them. */
  readonly withoutTruth: number;
  /** Scores of all predicted labels with a known truth. */
  readonly all: ClassificationScores;
  /** Scores of the predicted labels of each status that occurs. */
  readonly byStatus: Readonly<Partial<Record<Status, ClassificationScores>>>;
  /** One-sided 95% upper bound of the error of automatic labels; null where there are none. */
  readonly autoErrorBound: number | null;
  /** How far confidence and accuracy agree. */
  readonly calibration: ConfidenceReliability;
  /** About ten points, from the strictest to all. */
  readonly riskCoverage: readonly KnownRisk[];
}

/**
 * Scores the labels that a run predicted. Given ones are left out of every score.
 * @param truth classes by path
 * @throws UserError where no predicted label has a truth
 */
export function evaluateLabels(
  labels: readonly ImageLabel[],
  truth: ReadonlyMap<string, string>,
): Evaluation {
  const predicted = labels.filter(({ status }) => status !== 'given');
  const rows = predicted.filter(({ path }) => truth.has(path));
  if (rows.length === 0) {
    throw new UserError(
      `none of the ${predicted.length} predicted labels has a known truth: give a truth with paths like ${predicted[0]?.path ?? 'those of the run'}`,
    );
  }
  const truthOf = ({ path }: ImageLabel) => truth.get(path)!;
  const classes = [...new Set(rows.flatMap((row) => [row.label, truthOf(row)]))].sort();
  const numberOf = new Map(classes.map((name, number) => [name, number]));
  const scores = (chosen: readonly ImageLabel[]) =>
    classificationScores(
      Int32Array.from(chosen, ({ label }) => numberOf.get(label)!),
      Int32Array.from(chosen, (row) => numberOf.get(truthOf(row))!),
      classes.length,
    );
  const byStatus: Partial<Record<Status, ClassificationScores>> = {};
  for (const status of statuses) {
    const chosen = rows.filter((row) => row.status === status);
    if (chosen.length > 0) byStatus[status] = scores(chosen);
  }
  const auto = rows.filter(({ status }) => status === 'auto');
  const autoErrors = auto.filter((row) => row.label !== truthOf(row)).length;
  const confidence = rows.map((row) => row.confidence);
  const correct = rows.map((row) => row.label === truthOf(row));
  return {
    classes,
    given: labels.length - predicted.length,
    withoutTruth: predicted.length - rows.length,
    all: scores(rows),
    byStatus,
    autoErrorBound: auto.length > 0 ? binomialBound(autoErrors, auto.length) : null,
    calibration: confidenceReliability(confidence, correct),
    riskCoverage: knownRisk(confidence, correct),
  };
}

const points = 10;

/** The strictest threshold that covers each tenth of the rows; fewer points where confidences are equal. */
function knownRisk(confidence: readonly number[], correct: readonly boolean[]): KnownRisk[] {
  const accepted = acceptedByThreshold({ confidence, correct });
  const chosen = new Set<(typeof accepted)[number]>();
  for (let point = 1; point <= points; point++) {
    chosen.add(accepted.find(({ count }) => count * points >= point * confidence.length)!);
  }
  return Array.from(chosen, ({ threshold, count, errors, error }) => ({
    threshold,
    coverage: count / confidence.length,
    accepted: count,
    errors,
    error,
    bound: binomialBound(errors, count),
  }));
}

/**
 * Reads a truth file: a table with the columns `path` and `label`, as a file of given labels has them (see
 * `readGivenRows`); it may cover more images than the run.
 * @param paths of the run's images
 * @param file the file's name for error messages
 * @param note told how the file was read where it is not plainly `path,label`
 * @throws UserError for a broken table, an empty label, two labels for one path, or no path of the run
 */
export function readTruth(
  text: string,
  paths: readonly string[],
  file: string,
  note: (text: string) => void = () => {},
): Map<string, string> {
  const source = { name: 'the run', paths, classes: [], omitted: [], unreadable: [] };
  const matcher = new PathMatcher(source);
  const reader = new PathReader(matcher, source, { file });
  const table = readTable(text, file, ['path', 'label'], (cell) => matcher.names(cell));
  const columns = new GivenColumns(table);
  const truth = new Map<string, string>();
  for (const { row, fields } of table.rows) {
    const { path: cell, label: written, status } = columns.of(fields);
    if (status !== undefined && !isGivenStatus(status, file, row)) continue;
    const images = reader.read(cell, row);
    const label = readLabel(written);
    for (const path of images) {
      if (label === '')
        throw new UserError(`${file}, row ${row}: ${path} has an empty label: fill it in or delete the row`);
      const earlier = truth.get(path);
      if (earlier !== undefined && earlier !== label) {
        throw new UserError(
          `${file}, row ${row}: ${path} is labelled '${label}', but '${earlier}' further up: keep one of the two`,
        );
      }
      truth.set(path, label);
    }
  }
  if (truth.size === 0) {
    throw new UserError(`${file} has no label of an image of the run: the run's paths look like ${paths[0]}`);
  }
  const notes = [...table.notes, ...columns.notes];
  if (notes.length > 0) note(`${file} was read with ${notes.join(', ')}`);
  for (const said of reader.notes()) note(said);
  return truth;
}
