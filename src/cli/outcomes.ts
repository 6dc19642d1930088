import type { Interrupted, LabelledRun, Saved } from '../app/jobs/outcome.ts';
import { type StageCost, trainingStage } from '../app/jobs/stage_clock.ts';
import { percent } from '../app/percent.ts';
import type { ComparisonRow } from '../label/methods/comparison.ts';
import { baselineName } from '../label/methods/method_registry.ts';
import { accuracyText, noiseWarning, sharesText } from '../label/report/estimates.ts';
import { promiseText } from '../label/report/promise.ts';
import type { Report } from '../label/report/report.ts';
import { isEvident, unnamedWarning } from '../label/report/unnamed.ts';
import { copyWarnings } from '../label/report/warnings/copy_warnings.ts';
import { sceneWarnings } from '../label/report/warnings/scene_warnings.ts';
import { terminal } from '../platform/node_terminal.ts';
import { aligned } from './table.ts';

/** Says how to go on with a run that was stopped, and sets the exit code. */
export function tellInterruption({ folder, step }: Interrupted): void {
  if (step !== undefined && terminal.rank === 0) {
    terminal.note(
      `stopped after step ${step}, checkpoint saved; the same command with --out ${folder} --resume goes on`,
    );
  }
  terminal.setExitCode(130);
}

/** Says where a job's files are. */
export function tellSaved({ folder, files }: Saved): void {
  if (terminal.rank === 0) terminal.note(`saved in ${folder}: ${files.join(', ')}`);
}

/** Prints how the methods compare, how many labels of which kind there are, and what is promised of them. */
export function printLabelled(outcome: LabelledRun): void {
  printComparison(outcome);
  printCounts(outcome.report);
  for (const line of truthLines(outcome.report)) terminal.print(line);
  tellSaved(outcome);
}

function printComparison({ report, costs }: LabelledRun): void {
  const { comparison, outOfFold, riskCoverage } = report;
  const { rows, heldOutFrom, folds } = comparison;
  const promises = riskCoverage !== null && rows.some((row) => row.automatic);
  const compared = rows.some((row) => row.advantage);
  const [heldOut] = rows.flatMap((row) => (row.heldOut ? [row.heldOut] : []));
  terminal.print('accuracy with its 95% interval; * labels the images:');
  const cells = rows.map((row) => [
    `${row.chosen ? '*' : ' '} ${row.method}`,
    estimate(row.outOfFold),
    ...(heldOut ? [estimate(row.heldOut)] : []),
    ...(compared ? [advantage(row)] : []),
    ...(promises ? [automatic(row)] : []),
    duration(costOf(row.method, costs)),
  ]);
  const names = ['  method', outOfFold ? `${folds} folds of the ${outOfFold.count} given` : 'folds'];
  if (heldOut) {
    const draws = heldOut.draws > 1 ? `, ${heldOut.draws} label draws` : '';
    names.push(`${heldOut.images} ${heldOutFrom}${draws}`);
  }
  if (compared) names.push('against supervised');
  if (promises) names.push(`automatic at ${percent(riskCoverage.target)}`);
  names.push('time');
  for (const row of aligned([names, ...cells])) terminal.print(row);
  const expected = accuracyText(report);
  if (expected) terminal.print(expected);
  if (report.classShares) terminal.print(`class shares among them: ${sharesText(report.classShares)}`);
}

function printCounts(report: Report): void {
  const { counts, riskCoverage, warnings, audit } = report;
  const parts = Object.entries(counts).map(([status, count]) => `${count} ${status}`);
  terminal.print(`labels: ${parts.join(', ')}`);
  for (const warning of copyWarnings(audit, audit.images)) terminal.print(warning);
  for (const warning of sceneWarnings(audit.scenes, report.groups !== undefined)) terminal.print(warning);
  if (report.labelNoise) terminal.print(noiseWarning(report.labelNoise));
  if (!riskCoverage) {
    for (const warning of warnings.slice(0, 1)) terminal.print(warning);
    return;
  }
  const { chosen } = riskCoverage;
  // Where nothing is automatic the first warning says why, and what to do.
  terminal.print(
    chosen
      ? `automatic labels: confidence of ${chosen.threshold.toFixed(3)} or more; ${promiseText(report)}`
      : warnings[0]!,
  );
  const { unnamed } = report;
  if (chosen && unnamed && isEvident(unnamed)) terminal.print(unnamedWarning(unnamed));
}

/**
 * How the promise compares with the truth where that was hidden, and with what the method that labels and supervised
 * training from scratch, each by itself, can promise of the held-out images.
 */
export function* truthLines(report: Report): Generator<string> {
  const { counts, comparison, hiddenTruth, riskCoverage } = report;
  if (!riskCoverage) return;
  const target = percent(riskCoverage.target);
  if (hiddenTruth?.auto) {
    const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
    const share = `${counts.auto} of ${all} images (${percent(counts.auto / all)})`;
    yield `labelled automatically: ${share}; promised (${report.promise.state}): at most ${target} wrong; wrong by the hidden truth: ${percent(1 - hiddenTruth.auto.accuracy)}`;
  }
  const chosen = comparison.rows.find((row) => row.chosen);
  const baseline = comparison.rows.find(({ method }) => method === baselineName);
  if (!baseline?.automatic || !chosen?.automatic) return;
  const compared = chosen === baseline ? [chosen] : [chosen, baseline];
  const parts = compared.map((row) => `${row.method} ${automatic(row)}`);
  yield `promised by itself at ${target}, of ${baseline.heldOut?.images} ${comparison.heldOutFrom}: ${parts.join('; ')}`;
}

/** Share of the held-out images that a method could label automatically, and of these that are wrong. */
function automatic({ automatic: found }: ComparisonRow): string {
  if (!found) return '–';
  return `${percent(found.share)}${found.error === null ? '' : ` (${percent(found.error)} wrong)`}`;
}

/** Seconds of a method, with those of the start that it is named after: of its features, and of its training. */
function costOf(method: string, costs: readonly StageCost[]): number {
  const starts = costs.flatMap(({ name }) =>
    name.startsWith(featuresOf) ? name.slice(featuresOf.length) : [],
  );
  // One start's name may hold another's.
  const [start] = starts.filter((name) => method.includes(name)).sort((a, b) => b.length - a.length);
  const own = [method, `${featuresOf}${start}`, trainingStage(`${start}`)];
  return costs.reduce((sum, { name, seconds }) => (own.includes(name) ? sum + seconds : sum), 0);
}

const featuresOf = 'features: ';

const duration = (seconds: number): string =>
  seconds < 60 ? `${Math.round(seconds)} s` : `${(seconds / 60).toFixed(1)} min`;

function estimate(value: ComparisonRow['heldOut']): string {
  if (!value) return '–';
  const [low, high] = value.interval;
  return `${percent(value.mean)} (${percent(low)} – ${percent(high)})`;
}

function advantage({ advantage: value }: ComparisonRow): string {
  if (!value) return '';
  const points = (share: number) => `${share < 0 ? '−' : '+'}${Math.abs(100 * share).toFixed(1)}`;
  const [low, high] = value.interval;
  return `${points(value.mean)} (${points(low)} – ${points(high)})`;
}
