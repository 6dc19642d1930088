import { platform } from '#platform';
import type { AdapterSpeed } from '../app/adapter_speed.ts';
import type { AugmentationPolicy } from '../data/policy.ts';
import { adapterName } from '../gpu/device.ts';
import { keepFilled } from '../label/files/keep_filled.ts';
import { writeRunFiles } from '../label/files/run_files.ts';
import type { ComparisonRow } from '../label/methods/comparison.ts';
import { labelImages } from '../label/pipeline.ts';
import type { Report } from '../label/report/report.ts';
import type { Start } from '../label/scan/start.ts';
import { type LabelTask, labelledSet } from '../label/task.ts';
import type { ResNetOptions } from '../nn/resnet.ts';
import { terminal } from '../platform/node_terminal.ts';
import type { OpenedImages } from './images.ts';
import type { LabellingOptions } from './labelling_options.ts';
import { networkBatch, planLabelling } from './labelling_plan.ts';
import { describeStage, ProgressLine } from './progress.ts';
import { writing } from './session.ts';
import { aligned } from './table.ts';
import { percent } from './training.ts';

/** What the downstream part of a command starts from. */
export interface LabellingJob extends OpenedImages {
  readonly folder: string;
  readonly starts: readonly [Start, ...Start[]];
  readonly encoder: Required<ResNetOptions>;
  readonly imageSize: number;
  /** The pretext task's augmentation. */
  readonly policy: AugmentationPolicy;
  readonly speed: AdapterSpeed;
  readonly seed: number;
  /** Epochs of the pretext run; empty where weights were given. */
  readonly training: Report['training'];
  readonly signal: AbortSignal;
  /** Makes the run's folder ready, once there is something to put into it. */
  readonly beforeWriting?: () => Promise<void>;
}

/** What is to be learned from, and on what it is scored. */
export function describeTask({ given, classes, heldOut, heldOutFrom }: LabelTask): string {
  const scored = heldOutFrom ? `, scored on ${heldOut.length} ${heldOutFrom}` : '';
  return `task: ${labelledSet(given).images.length} labels in ${classes.length} classes${scored}`;
}

/** Labels the images and writes the run's files; false where it was interrupted, with nothing written. */
export async function runLabelling(job: LabellingJob, options: LabellingOptions): Promise<boolean> {
  const { engine, stream, task, encoder, imageSize, speed, seed, folder, signal } = job;
  const { capabilities } = engine.gpu;
  const labelled = labelledSet(task.given).images.length;
  const sizes = { labelled, heldOut: task.heldOut.length, encoder, imageSize, speed, capabilities };
  const plan = planLabelling(options, sizes);
  if (plan.omitted.length > 0 && !options.methods) {
    terminal.note(
      `left out for want of time on this adapter: ${plan.omitted.join(', ')} (--methods runs them)`,
    );
  }
  const line = new ProgressLine();
  let result: Awaited<ReturnType<typeof labelImages>>;
  try {
    result = await labelImages({
      ...job,
      networks: {
        engine,
        pool: job.pool,
        architecture: encoder,
        imageSize,
        policy: job.policy,
        batch: networkBatch,
        steps: plan.steps,
        heldOutOnly: plan.networksHeldOutOnly,
      },
      settings: {
        methods: plan.methods,
        folds: plan.folds,
        targetError: options.targetError,
        budget: options.budget,
        seed,
      },
      provenance: {
        command: terminal.arguments.slice(2),
        seed,
        versions: { ...terminal.versions() },
        adapter: adapterName(capabilities),
      },
      onStage: (stage, done, total, speed) => {
        signal.throwIfAborted();
        line.show(describeStage(stage, done, total, speed));
      },
    });
  } catch (error) {
    if (signal.aborted && error === signal.reason) return false;
    throw error;
  }
  let written: readonly string[] = [];
  await writing(folder, async () => {
    await job.beforeWriting?.();
    for (const kept of await keepFilled({ files: platform.files, folder }))
      terminal.note(`kept in ${folder}: ${kept}, with what was filled in`);
    written = await writeRunFiles({ files: platform.files, folder }, stream, result, {
      classes: task.classes,
      auditSize: options.auditSize,
      seed,
    });
  });
  printTable(result.report);
  printCounts(result.report);
  terminal.note(`saved in ${folder}: ${written.join(', ')}`);
  return true;
}

function printTable({ comparison, outOfFold }: Report): void {
  const { rows, heldOutFrom, folds } = comparison;
  const compared = rows.some((row) => row.advantage);
  const [heldOut] = rows.flatMap((row) => (row.heldOut ? [row.heldOut] : []));
  terminal.print('accuracy with its 95% interval; * labels the images:');
  const cells = rows.map((row) => [
    `${row.chosen ? '*' : ' '} ${row.method}`,
    estimate(row.outOfFold),
    ...(heldOut ? [estimate(row.heldOut)] : []),
    ...(compared ? [advantage(row)] : []),
  ]);
  const names = ['  method', outOfFold ? `${folds} folds of the ${outOfFold.count} given` : 'folds'];
  if (heldOut) {
    const draws = heldOut.draws > 1 ? `, ${heldOut.draws} label draws` : '';
    names.push(`${heldOut.images} ${heldOutFrom}${draws}`);
  }
  if (compared) names.push('against supervised');
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
