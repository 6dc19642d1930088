import { largestIndex } from '../../src/numerics/linear_algebra.ts';
import { accuracy } from '../../src/numerics/probe/probe.ts';

/** The class of each row of logits. */
export const predicted = (logits: Float32Array, classes = 2): Int32Array =>
  Int32Array.from({ length: logits.length / classes }, (_, row) =>
    largestIndex(logits.subarray(row * classes, (row + 1) * classes)),
  );

/** Share of rows of two classes' logits that are right. */
export const right = (logits: Float32Array, truth: Int32Array): number => accuracy(predicted(logits), truth);
