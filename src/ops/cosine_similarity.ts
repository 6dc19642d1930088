import type { Tensor } from '../autograd/tensor.ts';
import { l2Normalize } from './l2_normalize.ts';
import { matmul } from './matmul.ts';

/**
 * Cosine-similarity matrix of the rows of a [N, D] and b [M, D]: [N, M], entries in [−1, 1].
 * @throws ShapeError where they are no rows of one length
 */
export function cosineSimilarity(a: Tensor, b: Tensor): Tensor {
  const left = l2Normalize(a);
  return matmul(left, a === b ? left : l2Normalize(b), { transposeB: true });
}
