import { percent } from '../app/percent.ts';
import { statuses } from '../data/labels/status.ts';
import type { Evaluation } from '../label/confidence/evaluation.ts';
import type { ClassificationScores } from '../label/confidence/scores.ts';
import { alignedTable } from './table.ts';

/** The lines that tell how predicted labels compare with the truth. */
export function* evaluationLines(evaluation: Evaluation): Generator<string> {
  const { all, byStatus, autoErrorBound, given, withoutTruth, classes } = evaluation;
  yield `${all.count} predicted labels with a known truth (left out: ${given} given, ${withoutTruth} without a truth)`;
  yield '';
  const row = (name: string, scores: ClassificationScores) => {
    const [low, high] = scores.interval;
    const interval = `${percent(low)} – ${percent(high)}`;
    return [name, String(scores.count), percent(scores.accuracy), interval, percent(scores.balancedAccuracy)];
  };
  yield* alignedTable([
    ['status', 'images', 'accuracy', '95% interval', 'balanced'],
    ...statuses.flatMap((status) => (byStatus[status] ? [row(status, byStatus[status])] : [])),
    row('all predicted', all),
  ]);
  if (byStatus.auto && autoErrorBound !== null) {
    const error = percent(1 - byStatus.auto.accuracy);
    yield `error of automatic labels: ${error}, with 95% confidence at most ${percent(autoErrorBound)}`;
  }
  yield '';
  yield* alignedTable([
    ['class', 'images', 'predicted', 'precision', 'recall'],
    ...all.classes.map(({ support, predicted, precision, recall }, number) => [
      classes[number]!,
      String(support),
      String(predicted),
      precision === null ? '–' : percent(precision),
      recall === null ? '–' : percent(recall),
    ]),
  ]);
  yield '';
  yield* confusions(evaluation);
  yield '';
  yield* reliabilityAndRisk(evaluation);
}

/** More classes than this make a matrix wider than a terminal. */
const mostColumns = 12;
const mostPairs = 20;

/** The confusion matrix, or its largest entries off the diagonal where it is large. */
function* confusions({ all, classes }: Evaluation): Generator<string> {
  if (classes.length <= mostColumns) {
    yield 'confusion: rows are the truth, columns the prediction';
    yield* alignedTable([
      ['', ...classes.map((name) => shortened(name))],
      ...all.confusion.map((row, number) => [classes[number]!, ...row.map(String)]),
    ]);
    return;
  }
  const pairs = all.confusion
    .flatMap((row, truth) => row.map((count, predicted) => ({ truth, predicted, count })))
    .filter(({ truth, predicted, count }) => truth !== predicted && count > 0)
    .sort((a, b) => b.count - a.count);
  yield `the most frequent of ${pairs.length} confusions`;
  yield* alignedTable([
    ['truth', 'predicted', 'images'],
    ...pairs
      .slice(0, mostPairs)
      .map(({ truth, predicted, count }) => [classes[truth]!, classes[predicted]!, String(count)]),
  ]);
}

const shortened = (name: string): string => (name.length > 10 ? `${name.slice(0, 9)}…` : name);

function* reliabilityAndRisk({ calibration, riskCoverage }: Evaluation): Generator<string> {
  yield `calibration: expected error ${calibration.expectedError.toFixed(3)}`;
  yield* alignedTable([
    ['confidence', 'images', 'mean', 'right'],
    ...calibration.bins
      .filter(({ count }) => count > 0)
      .map(({ low, high, count, confidence, accuracy }) => [
        `${low.toFixed(1)} – ${high.toFixed(1)}`,
        String(count),
        percent(confidence),
        percent(accuracy),
      ]),
  ]);
  yield '';
  yield 'risk and coverage: what accepting labels of at least some confidence would mean';
  yield* alignedTable([
    ['confidence', 'coverage', 'accepted', 'wrong', 'error', '95% bound'],
    ...riskCoverage.map(({ threshold, coverage, accepted, errors, error, bound }) => [
      threshold.toFixed(4),
      percent(coverage),
      String(accepted),
      String(errors),
      percent(error),
      percent(bound),
    ]),
  ]);
}
