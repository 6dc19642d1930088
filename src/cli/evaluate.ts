import type { Command } from 'commander';
import { platform } from '#platform';
import { folderLabels } from '../data/labels/class_numbers.ts';
import { statuses } from '../data/labels/status.ts';
import type { Labels } from '../data/sources/image_stream.ts';
import { UserError } from '../errors.ts';
import { type Evaluation, evaluateLabels, readTruth } from '../label/confidence/evaluation.ts';
import type { ClassificationScores } from '../label/confidence/scores.ts';
import { terminal } from '../platform/node_terminal.ts';
import { sourceKind } from './plan.ts';
import { readStoredRun } from './run_folder.ts';
import { openRunImages, readRunLabels } from './run_labels.ts';
import { alignedTable } from './table.ts';
import { percent } from './training.ts';

interface EvaluateOptions {
  readonly run: string;
  readonly truth: string;
  readonly data?: string;
  readonly json: boolean;
}

export function registerEvaluate(program: Command): void {
  program
    .command('evaluate')
    .description('scores the labels that a run predicted against the truth, which the run did not see')
    .requiredOption('--run <folder>', "the earlier run's folder")
    .requiredOption(
      '--truth <truth>',
      "CSV file with the header path,label, 'folders' (sub-folder names), or 'own' (the data set's own labels)",
    )
    .option('--data <source>', "own: where the run's data are now (default: where they were)")
    .option('--json', 'one JSON object instead of tables', false)
    .action(evaluate);
}

async function evaluate(options: EvaluateOptions): Promise<void> {
  const labels = await readRunLabels(options.run);
  const paths = labels.map(({ path }) => path);
  const evaluation = evaluateLabels(labels, await truthOf(options, paths));
  if (options.json) terminal.print(JSON.stringify({ run: options.run, truth: options.truth, ...evaluation }));
  else for (const line of describe(evaluation)) terminal.print(line);
}

/** Classes by path. @throws UserError where there are none */
async function truthOf({ run, truth, data }: EvaluateOptions, paths: readonly string[]) {
  if (truth === 'folders') return byPath(paths, folderLabels({ name: run, paths }));
  if (truth === 'own') {
    const { options, settings } = await readStoredRun(run);
    const place = data ?? options.data;
    if (sourceKind(place) === 'folder') {
      throw new UserError(
        `${place} is a folder of images, without labels of its own: give --truth FILE.csv or --truth folders`,
      );
    }
    const source = await openRunImages({ ...options, data: place }, settings.imageSize);
    return byPath(source.paths, source);
  }
  if ((await platform.files.stat(truth))?.kind !== 'file') {
    throw new UserError(
      `--truth ${truth} is no file: give a CSV file with the header path,label, 'folders' or 'own'`,
    );
  }
  return readTruth(new TextDecoder().decode(await platform.files.read(truth)), paths, truth);
}

function byPath(paths: readonly string[], { classes, labels }: Labels): Map<string, string> {
  return new Map(
    paths.flatMap((path, image) => (labels[image]! < 0 ? [] : [[path, classes[labels[image]!]!] as const])),
  );
}

function* describe(evaluation: Evaluation): Generator<string> {
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
