import { named, sentence, UserError } from '../../errors.ts';
import type { Estimate } from '../../numerics/interval.ts';
import type { Fold } from '../../numerics/stratified_folds.ts';
import { assess, chosenRows, promiseError, sharesAmong } from '../confidence/assessment.ts';
import { calibratedProbabilities } from '../confidence/calibration.ts';
import { topTwo } from '../decide.ts';
import { checkOrder, type OrderCheck, type OrderTrial } from '../groups/order_check.ts';
import {
  checkingLabels,
  checks,
  isRandomSample,
  type LabelTask,
  labelledSet,
  officialTest,
} from '../task.ts';
import { accuracyOver, differenceOver } from './draw_estimates.ts';
import { fitDraw } from './fit_draw.ts';
import type { LabellingModel, Method } from './method.ts';
import {
  hits,
  type MethodRun,
  type OutOfFoldPredictions,
  predictOutOfFold,
  progressOf,
  total,
  tune,
} from './out_of_fold.ts';

/** One method, with the same labels and on the same images as all others. */
export interface ComparisonRow {
  /** The method's name. */
  readonly method: string;
  /**
   * Accuracy of out-of-fold predictions of the given labels; null where the method is too slow here to make them, or
   * its encoder has learned from these labels.
   */
  readonly outOfFold: Estimate | null;
  /** Accuracy on images whose truth is known and was hidden; null where there are none. */
  readonly heldOut: Estimate | null;
  /** Mean difference to supervised training from scratch, paired image by image or draw by draw. */
  readonly advantage: Estimate | null;
  /**
   * What the method by itself could label automatically of the held-out images, by the first draw of labels; null where
   * it cannot label, is not checked out of fold, or where nothing is held out.
   */
  readonly automatic: Automatic | null;
  /** Whether this method's predictions became the labels: the best out of fold, of those that have any. */
  readonly chosen: boolean;
}

/** Labels that could be automatic at the allowed error. */
export interface Automatic {
  /** Their share of the images. */
  readonly share: number;
  /** Share of them that is wrong; null where there are none. */
  readonly error: number | null;
}

/** What a comparison found. */
export interface Comparison {
  /** The methods' scores, in the order in which they are shown. */
  readonly rows: readonly ComparisonRow[];
  /** Name of the method that labels. */
  readonly chosen: string;
  /** Whether its encoder has learned from given labels, which then check nothing. */
  readonly learnedFromLabels: boolean;
  /** Final model of the method that labels, learned from all given labels. */
  readonly model: LabellingModel;
  /**
   * Out-of-fold logits [given labels × classes] of the method that labels, in the order of `labelledSet`; null where
   * there were too few labels for folds, or no method that could be checked by them.
   */
  readonly logits: Float32Array | null;
  /** How a quick method does in folds of neighbours by name; null where that was not tried. */
  readonly order: OrderCheck | null;
  /** Among so many, of methods and their snapshots, the one that labels was chosen by these predictions. */
  readonly candidates: number;
  /** 1 for each given label that a candidate tells right out of fold, in the order in which the earlier of equals is chosen. */
  readonly tried: readonly Uint8Array[];
}

/** How a comparison is run. */
export interface ComparisonRun extends MethodRun {
  /** The method that the others are measured against. */
  readonly baseline: string;
  /** The largest error allowed among automatic labels, 0 … 1. */
  readonly targetError: number;
  /** The group of images that each image of the source counts as one observation with. */
  readonly groups: Int32Array;
  /** What to try the order of names with (see `OrderCheck`); nothing where groups are known. */
  readonly neighbours?: readonly OrderTrial[];
}

/** What a method got right, as 0 or 1 by image: out of fold, and on the held-out images for each label draw. */
interface Score {
  readonly method: Method;
  readonly folds: OutOfFoldPredictions | null;
  readonly draws: readonly Uint8Array[];
  /** Logits [held-out images × classes] of the fit on the first draw; absent where nothing is held out. */
  readonly heldOutLogits?: Float32Array | undefined;
  /** Learned from all given labels; absent where the method cannot label, or where nothing was to be scored with it. */
  readonly model?: LabellingModel | undefined;
}

/**
 * Compares methods on one footing: the same folds of the given labels, the same held-out images, the same label draws.
 * The method that labels is chosen by out-of-fold accuracy alone, the earlier one of equals, the first one where none
 * has such predictions; held-out images choose nothing.
 * @param folds empty where there are too few labels for any
 * @throws UserError where no method has a model that could label
 */
export async function compareMethods(
  task: LabelTask,
  folds: readonly Fold[],
  methods: readonly Method[],
  run: ComparisonRun,
): Promise<Comparison> {
  if (!methods.some(canLabel)) {
    throw new UserError(
      sentence`none of the methods that can be compared here labels the rest: let ${named('methods')} name probe too`,
    );
  }
  const scores: Score[] = [];
  for (const method of methods) {
    const skipped = method.heldOutOnly || method.learnedFromLabels || folds.length === 0;
    const outOfFold = skipped ? null : await predictOutOfFold(task, folds, method, run);
    scores.push({
      method,
      folds: outOfFold,
      ...(await scoreHeldOut(task, method, outOfFold?.snapshot, run)),
    });
  }
  const able = scores.filter(({ method }) => canLabel(method));
  const checked = able.filter((score) => score.folds);
  const compared = checked.length > 0 ? checked : able;
  const right = ({ folds: own }: Score) => (own ? total(own.hits) : 0);
  const chosen = compared.reduce((best, score) => (right(score) > right(best) ? score : best));
  const baseline = scores.find((score) => score.method.name === run.baseline);
  const candidates = compared.reduce((sum, { method }) => sum + method.snapshots, 0);
  const order = await tryOrder(task, [chosen, ...checked], run);
  const rule = { candidates, refused: order?.dependent === true };
  const images = labelledSet(task.given).images.filter((image) => checks(task, image));
  const observations = new Set(images.map((image) => run.groups[image]!)).size;
  const rows = scores.map((score) => ({
    method: score.method.name,
    outOfFold:
      score.folds && score.folds.hits.length > 0 ? accuracyOver([score.folds.hits], observations) : null,
    heldOut: accuracyOver(score.draws),
    advantage: baseline && score !== baseline ? difference(score, baseline) : null,
    automatic: canLabel(score.method) ? automatic(task, score, rule, run) : null,
    chosen: score === chosen,
  }));
  const model = chosen.model ?? (await fitFinally(task, chosen, run));
  return {
    rows,
    chosen: chosen.method.name,
    learnedFromLabels: chosen.method.learnedFromLabels === true,
    model,
    logits: chosen.folds?.logits ?? null,
    order,
    candidates,
    tried: checked.flatMap(({ folds: own }) => own!.tried),
  };
}

const canLabel = ({ model, heldOutOnly }: Method): boolean => model !== undefined && !heldOutOnly;

/**
 * Tries the first quick method in folds of neighbours.
 * @param scores the one that labels first
 * @returns the trial in which neighbours are missed most, null where there was none
 */
async function tryOrder(
  task: LabelTask,
  scores: readonly Score[],
  run: ComparisonRun,
): Promise<OrderCheck | null> {
  const score = scores.find(({ method, folds }) => method.quick && folds);
  if (!score?.folds || score.folds.hits.length === 0) return null;
  const { method, folds } = score;
  const onStage: MethodRun['onStage'] = (stage, ...progress) =>
    run.onStage(`${stage}, of neighbours`, ...progress);
  const hitsIn = async (parts: readonly Fold[]) =>
    (await predictOutOfFold(task, parts, method, { ...run, onStage })).hits;
  const checks: OrderCheck[] = [];
  for (const { neighbours, random } of run.neighbours ?? []) {
    const usual = random ? await hitsIn(random) : folds.hits;
    checks.push(checkOrder(method.name, usual, await hitsIn(neighbours)));
  }
  return checks.sort((a, b) => b.deviations - a.deviations)[0] ?? null;
}

/** Learns from all given labels. */
async function fitFinally({ given }: LabelTask, { method, folds }: Score, run: ComparisonRun) {
  const stage = `${method.name}: all labels`;
  const labelled = labelledSet(given);
  await tune(method, labelled, run.seed, run);
  run.onStage(stage);
  const request = { queries: Int32Array.of(), seed: run.seed, onProgress: progressOf(run, stage) };
  await method.fit(labelled, { ...request, ...(folds && { snapshot: folds.snapshot }) });
  return method.model!();
}

async function scoreHeldOut(
  { given, otherDraws, heldOut, heldOutFrom, truth, classes }: LabelTask,
  method: Method,
  snapshot: number | undefined,
  run: ComparisonRun,
): Promise<Pick<Score, 'draws' | 'heldOutLogits' | 'model'>> {
  const draws: Uint8Array[] = [];
  const mayHaveSeen = method.learnedFromLabels && heldOutFrom !== officialTest;
  if (heldOut.length === 0 || mayHaveSeen) return { draws };
  const known = heldOut.map((image) => truth[image]!);
  let model: LabellingModel | undefined;
  let heldOutLogits: Float32Array | undefined;
  for (const [draw, labels] of [given, ...otherDraws].entries()) {
    const stage = `${method.name}: label draw ${draw + 1} of ${otherDraws.length + 1}`;
    const seed = run.seed + draw;
    const logits = await fitDraw(method, labelledSet(labels), {
      ...{ queries: heldOut, seed, stage, snapshot, onStage: run.onStage },
    });
    draws.push(hits(logits, known, classes.length));
    if (draw > 0) continue;
    heldOutLogits = logits;
    model = await method.model?.();
  }
  return { draws, heldOutLogits, model };
}

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

/** What of the held-out images one method could label by itself, by the same rule as the method that labels. */
function automatic(
  task: LabelTask,
  { folds, draws, heldOutLogits }: Score,
  rule: { readonly candidates: number; readonly refused: boolean },
  { targetError: target, groups, seed }: ComparisonRun,
): Automatic | null {
  const [right] = draws;
  if (!folds || folds.hits.length === 0 || !right || !heldOutLogits) return null;
  const { images, labels } = labelledSet(task.given);
  const width = task.classes.length;
  const checked = chosenRows(
    { logits: folds.logits, labels },
    images.map((image) => groups[image]!),
    checkingLabels(task),
  );
  const outOfFold = assess(checked.rows, checked.groups, width);
  const probabilities = calibratedProbabilities(heldOutLogits, width, outOfFold.calibration.temperature);
  const rows = Int32Array.from(right.keys());
  const shares = rows.length > 0 ? sharesAmong(outOfFold, probabilities, rows, width, { seed }) : null;
  const sampled = isRandomSample(task);
  const { risk } = promiseError(outOfFold, probabilities, rows, width, { target, shares, sampled, ...rule });
  const { chosen } = risk;
  const accepted = chosen
    ? rows.filter((row) => topTwo(probabilities, row, width).confidence >= chosen.threshold)
    : rows.subarray(0, 0);
  const error = accepted.length > 0 ? 1 - mean(accepted.map((row) => right[row]!)) : null;
  return { share: accepted.length / rows.length, error };
}

/** Accuracy beyond the baseline's, on the held-out images or, without any, out of fold. */
function difference(score: Score, baseline: Score): Estimate | null {
  const compared = ({ draws, folds }: Score) =>
    draws.length > 0 ? draws : folds && folds.hits.length > 0 ? [folds.hits] : [];
  return differenceOver(compared(score), compared(baseline));
}
