import type { Engine } from '../autograd/engine.ts';
import { currentTape } from '../autograd/tape.ts';
import { requireShapes, Tensor } from '../autograd/tensor.ts';
import { pseudoLabelLaunches } from '../kernels/pseudo_label.ts';
import { requireAttributes, share, shareBelowOne } from './attributes.ts';

/** How labels are made from logits. */
export interface PseudoLabelOptions {
  /** λ of the moving averages, below 1. */
  readonly decay: number;
  /** Bounds that the thresholds stay within. Default [0, 1]. */
  readonly thresholds?: readonly [lowest: number, highest: number];
  /** Labels to return: those beyond the rows of logits are 0xffffffff. Default one a row. */
  readonly labels?: number;
}

/**
 * What `pseudoLabels` remembers from step to step, f32 [classes + 2], at its start: write zeros to it to forget
 * everything.
 */
export const pseudoLabelState = (engine: Engine, classes: number): Tensor => engine.input([classes + 2]);

/**
 * Records the making of labels from logits [N, classes] by FreeMatch's self-adaptive thresholds (arXiv 2205.07246):
 * a row's most probable class where its probability exceeds that class's threshold, else 0xffffffff. A class's
 * threshold is the moving average of the rows' top probabilities, times the class's mean probability over that of the
 * most frequent class. The averages begin with the first step's rows, not at 1/classes as the paper's: an informed
 * classifier is confident from the start. Not differentiable: labels are data.
 * @param state as `pseudoLabelState` gives; moved by each run
 * @returns u32 [labels]
 * @throws ShapeError where the shapes do not fit; RangeError where the options are no shares
 */
export function pseudoLabels(logits: Tensor, state: Tensor, options: PseudoLabelOptions): Tensor {
  const [rows, classes] = logits.shape as [number, number];
  const { decay, thresholds = [0, 1], labels: count = rows } = options;
  const [lowest, highest] = thresholds;
  const bounds = { lowest: share, highest: share };
  requireAttributes('pseudo_label', { decay, lowest, highest }, { decay: shareBelowOne, ...bounds });
  const fits = logits.shape.length === 2 && state.size === classes + 2 && count >= rows;
  requireShapes('pseudo_label', [logits, state], fits, 'logits [N, classes] and a state [classes + 2]');
  const tape = currentTape();
  const { probabilities, averages, choice } = pseudoLabelLaunches({
    rows,
    classes,
    labels: count,
    decay,
    thresholds,
  });
  const softmax = tape.temporary('softmax and its maximum', [rows, classes + 1]);
  const labels = new Tensor(
    { shape: [count], dtype: 'u32' },
    tape.temporary('pseudo-labels', [count]).storage,
  );
  tape.dispatch(probabilities, { logits, new_probabilities: softmax });
  tape.dispatch(averages, { probabilities: softmax, new_state: state });
  tape.dispatch(choice, { probabilities: softmax, state, labels });
  return labels;
}
