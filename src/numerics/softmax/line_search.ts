/** A line search ends where the slope has fallen to this share of its start; closer saves no iteration. */
const slopeShare = 0.1;

/** The N rows of a softmax regression. */
export interface LabelledRows {
  /** N classes, 0 … classes − 1. */
  readonly labels: Int32Array;
  /** How many classes there are. */
  readonly classes: number;
}

/**
 * A length t > 0 near the minimum of the convex φ(t) = J(parameters + t·step), J the regularised loss of a softmax
 * regression, by Newton's method kept within a bracket; the logits are linear in t, so that a trial costs N×classes
 * exponentials and no matrix product.
 * @param logits N × classes, at t = 0
 * @param change N × classes: what the logits gain with each unit of t
 * @param penalty the derivative of λ/2 ‖W + t·step‖² in t: linear + t·quadratic
 * @returns 0 where φ does not fall
 */
export function searchLine(
  { labels, classes }: LabelledRows,
  logits: Float64Array,
  change: Float64Array,
  penalty: { readonly linear: number; readonly quadratic: number },
): number {
  const row = new Float64Array(classes);
  const derivatives = (t: number) => {
    let slope = 0;
    let curve = 0;
    for (let i = 0; i < labels.length; i++) {
      const at = i * classes;
      let largest = -Infinity;
      for (let c = 0; c < classes; c++) {
        row[c] = logits[at + c]! + t * change[at + c]!;
        largest = Math.max(largest, row[c]!);
      }
      let sum = 0;
      let first = 0;
      let second = 0;
      for (let c = 0; c < classes; c++) {
        const weight = Math.exp(row[c]! - largest);
        // Relative to the label's own change: d/dt of −log p_y is the mean of this difference under p.
        const difference = change[at + c]! - change[at + labels[i]!]!;
        sum += weight;
        first += weight * difference;
        second += weight * difference * difference;
      }
      slope += first / sum;
      curve += second / sum - (first / sum) ** 2;
    }
    return {
      slope: slope / labels.length + penalty.linear + t * penalty.quadratic,
      curve: curve / labels.length + penalty.quadratic,
    };
  };

  const initial = derivatives(0).slope;
  if (!(initial < 0)) return 0;
  let low = 0;
  let high = Infinity;
  let t = 1;
  for (let trial = 0; trial < 40; trial++) {
    const { slope, curve } = derivatives(t);
    if (Math.abs(slope) <= -slopeShare * initial) return t;
    if (slope < 0) low = t;
    else high = t;
    const newton = t - slope / curve;
    if (newton > low && newton < high) t = newton;
    else t = high === Infinity ? 2 * low : (low + high) / 2;
  }
  return low;
}
