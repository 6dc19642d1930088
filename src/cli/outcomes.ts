import type { Interrupted, LabelledRun, Saved } from '../app/jobs/outcome.ts';
import { type StageCost, trainingStage } from '../app/jobs/stage_clock.ts';
import { percent } from '../app/percent.ts';
import type { ComparisonRow } from '../label/methods/comparison.ts';
import type { Report } from '../label/report/report.ts';
import { terminal } from '../platform/node_terminal.ts';
import { aligned } from './table.ts';

/** Says how to go on with a run that was stopped, and sets the exit code. */
export function tellInterruption({ folder, step }: Interrupted): void {
  if (step !== undefined) {
    terminal.note(
      `stopped after step ${step}, checkpoint saved; the same command with --out ${folder} --resume goes on`,
    );
  }
  terminal.setExitCode(130);
}

/** Says where a job's files are. */
export function tellSaved({ folder, files }: Saved): void {
  terminal.note(`saved in ${folder}: ${files.join(', ')}`);
}

/** Prints how the methods compare, how many labels of which kind there are, and what is promised of them. */
export function printLabelled(outcome: LabelledRun): void {
  printComparison(outcome);
  printCounts(outcome.report);
  tellSaved(outcome);
}

function printComparison({ report: { comparison, outOfFold }, costs }: LabelledRun): void {
  const { rows, heldOutFrom, folds } = comparison;
  const compared = rows.some((row) => row.advantage);
  const [heldOut] = rows.flatMap((row) => (row.heldOut ? [row.heldOut] : []));
  terminal.print('accuracy with its 95% interval; * labels the images:');
  const cells = rows.map((row) => [
    `${row.chosen ? '*' : ' '} ${row.method}`,
    estimate(row.outOfFold),
    ...(heldOut ? [estimate(row.heldOut)] : []),
    ...(compared ? [advantage(row)] : []),
    duration(costOf(row.method, costs)),
  ]);
  const names = ['  method', outOfFold ? `${folds} folds of the ${outOfFold.count} given` : 'folds'];
  if (heldOut) {
    const draws = heldOut.draws > 1 ? `, ${heldOut.draws} label draws` : '';
    names.push(`${heldOut.images} ${heldOutFrom}${draws}`);
  }
  if (compared) names.push('against supervised');
  names.push('time');
  for (const row of aligned([names, ...cells])) terminal.print(row);
}

function printCounts({ counts, riskCoverage, warnings }: Report): void {
  const parts = Object.entries(counts).map(([status, count]) => `${count} ${status}`);
  terminal.print(`labels: ${parts.join(', ')}`);
  if (!riskCoverage) {
    for (const warning of warnings.slice(0, 1)) terminal.print(warning);
    return;
  }
  const { chosen, target } = riskCoverage;
  const promise = chosen
    ? `automatic labels: confidence of ${chosen.threshold.toFixed(3)} or more; with 95% confidence at most ${percent(target)} of them are wrong`
    : `no threshold keeps automatic labels under ${percent(target)} of errors with 95% confidence: everything waits for review`;
  terminal.print(promise);
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
