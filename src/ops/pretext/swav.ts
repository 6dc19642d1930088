import { currentTape, type Op } from '../../autograd/tape.ts';
import { requireShapes, stopGradient, type Tensor } from '../../autograd/tensor.ts';
import {
  assignCodes,
  fitPrototypes,
  fitRows,
  predictCodes,
  predictionMeans,
  type SwavShape,
  throughPredictions,
} from '../../kernels/pretext/swav.ts';
import { positive, requireAttributes, whole } from '../attributes.ts';
import type { LossWithMetrics } from '../softmax_cross_entropy.ts';

/** How codes are found. */
export interface SinkhornAttributes {
  /** ε: the smaller, the more of a code is at one prototype; above 0. */
  readonly epsilon: number;
  /** Times that the sums of prototypes and of rows are set, in turn. */
  readonly iterations: number;
}

/** How far predictions are from codes. */
export interface SwappedPredictionAttributes {
  /** τ, which scores are divided by; above 0. */
  readonly temperature: number;
}

const scoresForm = 'scores [2N, K], row i and row i + N of one image';
const isScores = ({ shape }: Tensor) => shape.length === 2 && shape[0]! % 2 === 0;

/**
 * Records the codes of scores [2N, K], first views before second ones: of each view's rows the assignment to prototypes
 * that has much of their scores, some entropy, and all prototypes alike (Cuturi 2013, arXiv 1306.0895, by
 * Sinkhorn-Knopp). Each row's sum is 1, and each prototype's is N/K once the iterations have come to an end. Not
 * differentiable: what they hold is a constant to a loss.
 * @throws ShapeError where the scores are no pairs of rows; RangeError for an ε not above 0 or no iterations
 */
export function sinkhornCodes(
  scores: Tensor,
  { epsilon = 0.05, iterations = 3, ...others }: Partial<SinkhornAttributes> = {},
): Tensor {
  requireAttributes(
    'sinkhorn_codes',
    { epsilon, iterations, ...others },
    { epsilon: positive, iterations: whole(1) },
  );
  requireShapes('sinkhorn_codes', [scores], isScores(scores), scoresForm);
  const tape = currentTape();
  const shape = describe(scores, epsilon);
  const [rows, prototypes] = scores.shape as [number, number];
  const prototypePotentials = tape.temporary('potentials of prototypes', [2, prototypes]);
  const rowPotentials = tape.temporary('potentials of rows', [rows]);
  for (let sweep = 0; sweep < iterations; sweep++) {
    const fitted = { scores, row_potentials: rowPotentials, new_prototype_potentials: prototypePotentials };
    tape.dispatch(fitPrototypes(shape, sweep), fitted);
    const last = sweep + 1 === iterations;
    const given = { scores, prototype_potentials: prototypePotentials };
    if (!last) tape.dispatch(fitRows(shape), { ...given, new_row_potentials: rowPotentials });
  }
  const codes = tape.temporary('codes', scores.shape);
  tape.dispatch(assignCodes(shape), { scores, prototype_potentials: prototypePotentials, codes });
  return codes;
}

/** The cross-entropy of each row's softmax and the code of the other view of its image (Caron et al. 2020). */
export const swappedPredictionOp: Op<SwappedPredictionAttributes, Tensor> = {
  name: 'swapped_prediction',
  infer(inputs, attributes) {
    requireAttributes('swapped_prediction', attributes, { temperature: positive });
    const [scores, codes] = inputs;
    const fits = isScores(scores!) && codes!.shape.join() === scores!.shape.join();
    requireShapes('swapped_prediction', inputs, fits, `${scoresForm}, and as many codes`);
    return [
      { shape: [1], dtype: 'f32' },
      { shape: [2], dtype: 'f32' },
    ];
  },
  forward(run, [scores, codes], [loss, metrics], { temperature }) {
    const shape = describe(scores!, temperature);
    const errors = run.temporary('predictions less codes', scores!.shape);
    const terms = run.temporary('predictions by row', [3, 2 * shape.images]);
    run.dispatch(predictCodes(shape), { scores: scores!, targets: codes!, errors, new_terms: terms });
    run.dispatch(predictionMeans(shape), { terms, loss: loss!, metrics: metrics! });
    return errors;
  },
  backward(run, { inputs: [scores], attributes, saved }, [dLoss], [dScores]) {
    if (!dScores || !dLoss) return;
    const tensors = { saved_errors: saved, loss_gradient: dLoss, gradient: dScores };
    run.dispatch(throughPredictions(describe(scores!, attributes.temperature)), tensors);
  },
  // Logits reach 1/τ and their differences 2/τ, in f32: e^x is allowed 3 + 2·|x| ulp.
  tolerance: 2e-5,
};

function describe(scores: Tensor, temperature: number): SwavShape {
  const [rows, prototypes] = scores.shape as [number, number];
  return { images: rows / 2, prototypes, temperature };
}

/**
 * How well scores [2N, K], first views before second ones, tell the codes [2N, K] of the other views: the mean over rows
 * of −Σ_k q_k log softmax(s/τ)_k, with q the other view's code, of sum 1. Codes are constants. Metrics [2]: how often row
 * and code are largest at the same prototype; the mean entropy of a code, between 0 and log K.
 * @throws ShapeError where the shapes do not fit; RangeError where the temperature is not above 0
 */
export function swappedPrediction(
  scores: Tensor,
  codes: Tensor,
  options: SwappedPredictionAttributes,
): LossWithMetrics {
  const inputs = [scores, stopGradient(codes)];
  const [loss, metrics] = currentTape().apply(swappedPredictionOp, inputs, { ...options });
  return { loss: loss!, metrics: metrics! };
}
