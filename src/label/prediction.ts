import { isAnswered, noneOfThese } from '../data/labels/none_of_these.ts';
import { headLogits } from '../numerics/linear_head.ts';
import { assess, chosenRows, type OutOfFold, sharesAmong } from './confidence/assessment.ts';
import { calibratedProbabilities } from './confidence/calibration.ts';
import type { ClassShares } from './confidence/class_shares.ts';
import { findLabelNoise, type LabelNoise } from './confidence/label_noise.ts';
import { spreadLabels } from './confidence/spread_labels.ts';
import type { Duplicates } from './findings/duplicates.ts';
import { findOutliers } from './findings/outliers.ts';
import type { LabellingInputs } from './inputs.ts';
import { labelSeed } from './label_seed.ts';
import type { Comparison } from './methods/comparison.ts';
import { findNovelty, type Novelty, type NoveltyInputs } from './novelty/novelty.ts';
import { type Predictions, predictedClasses } from './novelty/verdict.ts';
import { type Features, rowsOf } from './scan/features.ts';
import { checkingLabels, checks, labelledSet } from './task.ts';

/** What a prediction follows from. */
export interface Gathered {
  /** Numbers in the source of the images to label; rows of what follows are in their order. */
  readonly images: Int32Array;
  /** Features that the model which labels stands on. */
  readonly own: Features;
  /** Copies among the images. */
  readonly duplicates: Duplicates;
  /** The group of images, copies or given ones, that each image of the source counts as one observation with. */
  readonly groups: Int32Array;
  /** The methods' scores, and the one that labels. */
  readonly comparison: Comparison;
}

/** What the model that labels says of each image, whatever error is to be promised. Rows are those of `Gathered.images`. */
export interface Prediction {
  /** Out-of-fold predictions of the labels that can check; null where there are none. */
  readonly outOfFold: OutOfFold | null;
  /** Logits are divided by this before the softmax. */
  readonly temperature: number;
  /** Calibrated, rows × classes. */
  readonly probabilities: Float32Array;
  /** Calibrated out-of-fold probabilities of all labelled rows, labelled × classes; null where there were no folds. */
  readonly checked: Float32Array | null;
  /** Labelled rows, ascending. */
  readonly labelledRows: Int32Array;
  /** 1 where a row's image is unlike everything labelled. */
  readonly outlier: Uint8Array;
  /** How unlike everything labelled each row is; larger is more so. */
  readonly unusualness: Float32Array;
  /** Row of the most similar labelled image. */
  readonly nearest: Int32Array;
  /** How unlike the labelled ones the images are, and of what that was asked; null where labels are too few to tell. */
  readonly novelty: {
    readonly found: Novelty;
    readonly inputs: NoveltyInputs;
    readonly predictions: Predictions;
  } | null;
  /** 1 where no confidence is enough for an automatic label. */
  readonly held: Uint8Array;
  /** Rows that may be labelled automatically. */
  readonly open: Int32Array;
  /** Rows whose images a person said belong to no class, as far as they can check. */
  readonly nameless: Int32Array;
  /** Shares of the classes among the open rows; null where nothing tells. */
  readonly shares: ClassShares | null;
  /** Whether more given labels are wrong than chance explains; null where nothing can be checked. */
  readonly labelNoise: LabelNoise | null;
  /** Seeds what is drawn; follows from the labels. */
  readonly seed: number;
}

/** Predicts each image by the model that labels, and looks for what speaks against the predictions and the labels. */
export function predict(
  { stream, task, onStage }: Pick<LabellingInputs, 'stream' | 'task' | 'onStage'>,
  { images, own, duplicates, groups, comparison }: Gathered,
): Prediction {
  const { groupOf, inheritsFrom, contradicted } = duplicates;
  const classes = task.classes.length;
  const given = images.map((image) => task.given[image]!);
  const features = rowsOf(own, images);
  const { columns } = own;
  const observed = images.map((image) => groups[image]!);
  const { images: labelledRows, labels } = labelledSet(given);
  const seed = labelSeed(stream.paths, task.given, task.classes);
  const checking =
    comparison.logits &&
    chosenRows(
      {
        logits: comparison.logits,
        labels: labels.map((label, i) => (contradicted[labelledRows[i]!] ? -1 : label)),
      },
      labelledRows.map((row) => observed[row]!),
      checkingLabels(task),
    );
  const outOfFold =
    checking && checking.groups.length > 0 ? assess(checking.rows, checking.groups, classes) : null;
  const temperature = outOfFold?.calibration.temperature ?? 1;
  const probabilities = calibratedProbabilities(
    headLogits(comparison.model.head, features),
    classes,
    temperature,
  );

  onStage('outliers and nearest labelled images');
  const { outlier, score, nearest } = findOutliers({ features, columns, given, groupOf });
  const rows = Int32Array.from(images.keys());
  const asked = rows.filter(
    (row) => !isAnswered(given[row]!) && inheritsFrom[row] === row && !contradicted[row],
  );
  const checked = comparison.logits && calibratedProbabilities(comparison.logits, classes, temperature);
  const novelty = noveltyOf();
  novelty?.found.novel.forEach((novel, row) => void (outlier[row]! |= novel));
  const unlike = novelty?.found.unusual ?? new Uint8Array(given.length);
  const open = asked.filter((row) => !outlier[row]);

  onStage('wrong labels');
  const noise = { features, columns, given: given.map((label, row) => (contradicted[row] ? -1 : label)) };
  return {
    outOfFold,
    temperature,
    probabilities,
    checked,
    labelledRows,
    outlier,
    unusualness: score,
    nearest,
    novelty,
    held: contradicted.map((value, row) => (value || (unlike[row] && !outlier[row]) ? 1 : 0)),
    open,
    nameless: rows.filter((row) => given[row] === noneOfThese && checks(task, images[row]!)),
    shares:
      outOfFold && open.length > 0
        ? sharesAmong(outOfFold, probabilities, open, classes, {
            openGroups: open.map((row) => observed[row]!),
            seed,
          })
        : null,
    labelNoise: outOfFold && findLabelNoise(spreadLabels({ ...noise, classes, groups: observed, seed })),
    seed,
  };

  function noveltyOf(): Prediction['novelty'] {
    if (!checked) return null;
    const predictions = { probabilities, labelled: labelledRows, checked, classes };
    const predicted = predictedClasses(predictions);
    const inputs = { features, columns, given, classes, groups: observed, open: asked, predicted, seed };
    const found = findNovelty(inputs);
    return found && { found, inputs, predictions };
  }
}
