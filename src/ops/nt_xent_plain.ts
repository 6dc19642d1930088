import type { Tensor } from '../autograd/tensor.ts';
import { cosineSimilarity } from './cosine_similarity.ts';
import type { NtXentAttributes } from './nt_xent.ts';
import { type LossWithMetrics, softmaxCrossEntropy } from './softmax_cross_entropy.ts';

/**
 * The plain twin of `ntXent`: stores all 2N×2N similarities and takes their cross-entropy, each row's own entry left
 * out. For tests and benchmarks; `positives` [2N] holds each row's partner (u32).
 */
export function ntXentPlain(
  views: Tensor,
  positives: Tensor,
  { temperature }: NtXentAttributes,
): LossWithMetrics {
  const similarities = cosineSimilarity(views, views);
  return softmaxCrossEntropy(similarities, positives, { temperature, excludeDiagonal: true });
}
