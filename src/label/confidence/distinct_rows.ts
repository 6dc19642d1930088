/** Out-of-fold predictions of labelled images: logits (rows × classes) and the given label of each row. */
export interface CheckedRows {
  /** Predictions [rows × classes], before the softmax. */
  readonly logits: Float32Array;
  /** The true class of each row. */
  readonly labels: Int32Array;
}

/**
 * One row a group of copies: a copy is told right or wrong together with its original, so it is no further evidence,
 * and ten images copied eight times bound an error as ten do.
 * @param groups the group of copies that each row belongs to; the first row of each is kept
 */
export function distinctRows({ logits, labels }: CheckedRows, groups: Int32Array): CheckedRows {
  const classes = logits.length / labels.length;
  const seen = new Set<number>();
  const kept = Int32Array.from(labels.keys()).filter((row) => {
    const first = !seen.has(groups[row]!);
    seen.add(groups[row]!);
    return first;
  });
  const chosen = new Float32Array(kept.length * classes);
  kept.forEach((row, i) => {
    chosen.set(logits.subarray(row * classes, (row + 1) * classes), i * classes);
  });
  return { logits: chosen, labels: kept.map((row) => labels[row]!) };
}
